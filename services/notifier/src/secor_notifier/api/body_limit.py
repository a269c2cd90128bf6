"""Refuses bodies over 1 MiB before anything reads them, and those that do not come."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secor_notifier.api.problems import Problem, answer

LIMIT = 1024 * 1024


class BodyLimit:
    """Reads the body, counting, and hands it on whole; our routes want it whole in any case."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await _read(Headers(scope=scope), receive)
        except TimeoutError:
            await _slow(scope)(scope, receive, send)
            return
        except ClientDisconnect:
            return  # half a request is none, and nobody is there to be told
        if body is None:
            refusal = answer(Request(scope), Problem("body_too_large", "A body may have 1 MiB at most."))
            await refusal(scope, receive, send)
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


def _slow(scope: Scope) -> Response:
    slow = "The body comes too slowly; send it again over a better line, with the same key."
    return answer(Request(scope), Problem("body_too_slow", slow, headers={"Connection": "close"}))


async def _read(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, or nothing if it is too long; then the rest is left unread."""
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:20]) > LIMIT:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > LIMIT:
            return None
        if not message.get("more_body", False):
            return bytes(body)
