"""How long the service waits, and for how many at once: slow bodies, slow answers and crowds are bounded."""

import asyncio
import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request

from secor_workflow.api.problems import Problem, render
from secor_workflow.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Inner = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOKS = 20
"""How often the shortest wait is looked at: whoever is given up has had up to a twentieth more."""


class Patience:
    """Around the application: one request more than may be open is turned away, and nobody may keep us waiting."""

    def __init__(self, app: Inner, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._open: set[_Served] = set()
        self._next_look: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):  # probes are answered in any crowd
            await self._app(scope, receive, send)
            return
        if len(self._open) >= self._settings.max_open_requests:
            busy = Problem("unavailable", "Too many requests are open; try again.")
            await render(Request(scope), busy)(scope, receive, send)
            return
        served = _Served(self._settings, scope, receive, send)
        self._open.add(served)
        if self._next_look is None:
            self._look_later()
        try:
            await served.by(self._app)
        finally:
            self._open.discard(served)
            if not self._open and self._next_look is not None:
                self._next_look.cancel()
                self._next_look = None

    def _look_later(self) -> None:
        """One timer for all requests: one for each would cost more than most of them take."""
        wait = min(self._settings.request_seconds, self._settings.body_seconds) / LOOKS
        self._next_look = asyncio.get_running_loop().call_later(wait, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for served in self._open:
            if served.due <= now:
                served.give_up()
        self._look_later()


class _Served:
    """One request: its body's deadline, and then its answer's."""

    def __init__(self, settings: Settings, scope: Scope, receive: Receive, send: Send) -> None:
        self._settings, self._scope, self._coming, self._send = settings, scope, receive, send
        self._task, self._now = asyncio.current_task(), asyncio.get_running_loop().time
        self._began = self._now()
        self._received, self._more = 0, True
        self._answering = self._given_up = False
        self.due = self._began + settings.request_seconds
        """When it is given up, unless it has come further by then."""

    async def by(self, app: Inner) -> None:
        """Have it answered by the application, or tell that this takes too long."""
        try:
            await app(self._scope, self._receive, self._told)
        except asyncio.CancelledError:
            if not self._was_us():
                raise
            late = "The answer takes too long. Whether it was done is not known: send it again with the same key."
            await render(Request(self._scope), Problem("unavailable", late))(self._scope, self._coming, self._send)

    def give_up(self) -> None:
        """Break it off where it waits."""
        self.due, self._given_up = math.inf, True
        assert self._task is not None  # noqa: S101 (a request has one)
        self._task.cancel()

    def _was_us(self) -> bool:
        """Whether that was what cancelled it, and nobody else did as well."""
        ours, self._given_up = self._given_up, False
        return ours and self._task is not None and self._task.uncancel() == 0

    async def _told(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._given_up:
                await asyncio.sleep(0)  # too late by a hair: the cancellation is on its way
            self._answering, self.due = True, math.inf
        await self._send(message)

    async def _receive(self) -> Message:
        """The next piece of the body. While we wait for it, the answer's time does not run."""
        if not self._more:
            return await self._coming()
        allowed = self._settings.body_seconds + self._received / self._settings.body_bytes_a_second
        self.due = max(self._now(), self._began + allowed)
        try:
            message = await self._coming()
        except asyncio.CancelledError:
            if not self._was_us():
                raise
            self._more = False
            slow = "The body comes too slowly; send it again over a better line, with the same key."
            raise Problem("body_too_slow", slow, headers={"Connection": "close"}) from None
        finally:
            self.due = math.inf if self._answering else self._now() + self._settings.request_seconds
        self._received += len(message.get("body", b""))
        self._more = bool(message.get("more_body"))
        lasts = self._scope.get("lasts")
        if lasts and not self._more and not lasts():  # a body may take minutes to come
            raise Problem("unauthenticated", "The credential has ended while the body came.", why="ended")
        return message
