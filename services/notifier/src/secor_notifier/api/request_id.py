"""Gives every request an id, or keeps the one it came with, sends it back, and logs that the request was answered."""

import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from secor_notifier.logs import logger, request

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
log = logger(__name__)
PROBES = {"/livez", "/readyz", "/metrics"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class RequestId:
    """Echoes `X-Request-ID`, and `traceparent` when it is well-formed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope)
        request_id = given.get("x-request-id", "")
        if not REQUEST_ID.fullmatch(request_id):
            request_id = str(uuid7())
        traceparent = given.get("traceparent", "")
        scope.setdefault("state", {})["request_id"] = request_id
        request.set(scope)  # a request has a task, and so a context, of its own
        began, status = time.perf_counter(), "none"

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if TRACEPARENT.fullmatch(traceparent):
                    headers["traceparent"] = traceparent
            await send(message)

        try:
            await self._app(scope, receive, send_with_ids)
        finally:
            _tell(scope, status, time.perf_counter() - began)


def _tell(scope: Scope, status: str, seconds: float) -> None:
    """A line once it is over; never the path itself, which may hold a calendar's token, nor its query."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    route = getattr(scope.get("route"), "path_format", "none")
    tell = log.debug if route in PROBES else log.info  # probes come too often to be news
    tell("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))
