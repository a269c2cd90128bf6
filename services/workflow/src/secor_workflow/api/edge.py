"""The outermost layer: gives each request its ids, and counts it."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

from secor_workflow.api.metrics import REQUESTS, SECONDS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Edge:
    """Echoes or makes `X-Request-ID`, echoes a well-formed `traceparent`, and measures."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], new_id: Callable[[], UUID]) -> None:
        self._app, self._new_id = app, new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(self._new_id()).encode()
        scope["request_id"] = request_id.decode()
        echoed = [(b"x-request-id", request_id), (b"x-content-type-options", b"nosniff")]
        if _TRACEPARENT.fullmatch(headers.get(b"traceparent", b"")):
            echoed.append((b"traceparent", headers[b"traceparent"]))
        began = time.perf_counter()

        async def send_with_ids(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *echoed]
                self._count(scope, str(message["status"]), began)
            await send(message)

        await self._app(scope, receive, send_with_ids)

    @staticmethod
    def _count(scope: Scope, status: str, began: float) -> None:
        route = getattr(scope.get("route"), "path_format", "none")  # never the path itself: it names cases and people
        method = scope["method"] if scope["method"] in {"GET", "POST", "PUT", "DELETE"} else "other"
        REQUESTS.labels(method, route, status).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - began)
