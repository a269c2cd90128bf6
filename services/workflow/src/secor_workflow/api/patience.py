"""How long the service waits, and for how many at once: slow bodies, slow answers and crowds are bounded."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request

from secor_workflow.api.problems import Problem, render
from secor_workflow.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Patience:
    """Around the application: one request more than may be open is turned away, and nobody may keep us waiting."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):  # probes are answered in any crowd
            await self._app(scope, receive, send)
            return
        if self._open >= self._settings.max_open_requests:
            busy = Problem("unavailable", "Too many requests are open; try again.")
            await render(Request(scope), busy)(scope, receive, send)
            return
        self._open += 1
        try:
            await _Served(self._app, self._settings, scope).run(receive, send)
        finally:
            self._open -= 1


class _Served:
    """One request: its body's deadline, and then its answer's."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], settings: Settings, scope: Scope
    ) -> None:
        self._app, self._settings, self._scope = app, settings, scope
        self._began = asyncio.get_running_loop().time()
        self._limit = asyncio.timeout(settings.request_seconds)
        self._received, self._more = 0, True
        self._answering = False

    async def run(self, receive: Receive, send: Send) -> None:
        async def in_time() -> Message:
            return await self._receive(receive)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                if self._limit.expired():
                    await asyncio.sleep(0)  # too late by a hair: the cancellation is on its way
                self._answering = True
                self._limit.reschedule(None)
            await send(message)

        try:
            async with self._limit:
                await self._app(self._scope, in_time, told)
        except TimeoutError:
            if self._answering or not self._limit.expired():
                raise
            late = "The answer takes too long. Whether it was done is not known: send it again with the same key."
            await render(Request(self._scope), Problem("unavailable", late))(self._scope, receive, send)

    async def _receive(self, receive: Receive) -> Message:
        """The next piece of the body. While we wait for it, the answer's time does not run."""
        if not self._more:
            return await receive()
        now = asyncio.get_running_loop().time()
        allowed = self._settings.body_seconds + self._received / self._settings.body_bytes_a_second
        if not self._answering:
            self._limit.reschedule(None)
        try:
            async with asyncio.timeout_at(max(now, self._began + allowed)):
                message = await receive()
        except TimeoutError:
            self._more = False
            slow = "The body comes too slowly; send it again over a better line, with the same key."
            raise Problem("body_too_slow", slow, headers={"Connection": "close"}) from None
        finally:
            if not self._answering:
                self._limit.reschedule(asyncio.get_running_loop().time() + self._settings.request_seconds)
        self._received += len(message.get("body", b""))
        self._more = bool(message.get("more_body"))
        lasts = self._scope.get("lasts")
        if lasts and not self._more and not lasts():  # a body may take minutes to come
            raise Problem("unauthenticated", "The credential has ended while the body came.", why="ended")
        return message
