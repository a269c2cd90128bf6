"""A span for each request, which goes on with the trace that the caller began; ids only, never a path or a query."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from secor_workflow.logs import about

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Inner = Callable[[Scope, Receive, Send], Awaitable[None]]

PROBES = {"/livez", "/readyz", "/metrics"}
FAULTS = 500
_CONTEXT = TraceContextTextMapPropagator()


class Traced:
    """Stands within the edge, which has given the request its id."""

    def __init__(self, app: Inner, provider: "TracerProvider") -> None:
        self._app = app
        self._tracer = provider.get_tracer("secor")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.start_as_current_span(
            scope["method"], _CONTEXT.extract(given), kind=SpanKind.SERVER, record_exception=False
        ) as span:
            try:
                await self._app(scope, receive, noting)
            finally:
                route = getattr(scope.get("route"), "path_format", "none")
                span.update_name(f"{scope['method']} {route}")
                ours = {f"secor.{name}": value for name, value in about.get({}).items()}
                span.set_attributes({"http.request.method": scope["method"], "http.route": route, **ours})
                span.set_attributes({"http.response.status_code": status, "secor.request_id": scope["request_id"]})
                if status >= FAULTS or not status:
                    span.set_status(Status(StatusCode.ERROR))
