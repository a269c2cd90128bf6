"""The outermost layer: gives each request its ids, counts it, and logs it."""

import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from prometheus_client import Counter, Histogram

from secor_workflow.api.headers import headers_of
from secor_workflow.api.metrics import REQUESTS, SECONDS
from secor_workflow.domain.in_the_open import personal_data_in
from secor_workflow.logs import about, logger, request, tell_at_once

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_log, _module = logger(__name__), logging.getLogger(__name__)
_PROBES = {"/livez", "/readyz", "/metrics"}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_STRICT = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_CONTENT_RUNS = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For everything but the page for people, which brings its own."""


class Edge:
    """Echoes or makes `X-Request-ID`, echoes a well-formed `traceparent`, tells browsers to be strict, and measures."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], new_id: Callable[[], UUID], hsts_seconds: int = 0
    ) -> None:
        self._app, self._new_id = app, new_id
        self._always = list(_STRICT)
        if hsts_seconds:
            self._always.append((b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = headers_of(scope)
        told = given.get(b"x-request-id", ())
        request_id = told[0] if _is_fit(told) else str(self._new_id()).encode()
        scope["request_id"] = request_id.decode()
        echoed = [(b"x-request-id", request_id), *self._always]
        if len(traceparent := given.get(b"traceparent", ())) == 1 and _TRACEPARENT.fullmatch(traceparent[0]):
            echoed.append((b"traceparent", traceparent[0]))
        request.set(scope)  # a request has a task, and so a context, of its own
        about.set({})
        began, status = time.perf_counter(), "none"

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                message["headers"] = [
                    *message.get("headers", []),
                    *echoed,
                    *_unsaid(message),
                    *scope.get("rate_limits", ()),
                ]
                self._count(scope, status, began)
            await send(message)

        try:
            await self._app(scope, receive, send_with_ids)
        finally:
            _tell(scope, status, time.perf_counter() - began)

    @staticmethod
    def _count(scope: Scope, status: str, began: float) -> None:
        requests, seconds = _counters(*_asked(scope), status)
        requests.inc()
        seconds.observe(time.perf_counter() - began)


@lru_cache(maxsize=1000)
def _counters(method: str, route: str, status: str) -> tuple[Counter, Histogram]:
    """Looked up once: routes and statuses are few."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


def _asked(scope: Scope) -> tuple[str, str]:
    """Method and route; never the path itself, which names cases and people, nor its query."""
    method = scope["method"] if scope["method"] in {"GET", "POST", "PUT", "DELETE"} else "other"
    return method, getattr(scope.get("route"), "path_format", "none")


def _tell(scope: Scope, status: str, seconds: float) -> None:
    """A line for each request, once it is over; probes come too often to be news."""
    method, route = _asked(scope)
    told: dict[str, str | float] = {"method": method, "route": route, "status": status}
    told["milliseconds"] = round(seconds * 1000, 1)
    if route in _PROBES:
        _log.debug("request", **told)
    elif not tell_at_once(_module, "request", **told):
        _log.info("request", **told)


def _is_fit(given: Sequence[bytes]) -> bool:
    """Whether it may stand on record: who reads a person is recorded with it, and that record is never changed."""
    if len(given) != 1 or not _REQUEST_ID.fullmatch(given[0]):
        return False
    return not personal_data_in(given[0].decode())


def _unsaid(message: Message) -> list[tuple[bytes, bytes]]:
    for name, _ in message.get("headers", ()):
        if name.lower() == _NO_CONTENT_RUNS[0]:
            return []
    return [_NO_CONTENT_RUNS]
