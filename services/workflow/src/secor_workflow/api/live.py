"""An answer that goes on: ends at once when its reader goes away, and soon after its credential opens nothing more."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from secor_workflow.api.problems import Problem

LOOK_SECONDS = 1.0
T = TypeVar("T")
Lasts = Callable[[], bool]
"""Whether the credential that the request came with still opens."""


class LiveResponse(Response):
    """Streams chunks until they end or the client disconnects; the server cuts off one that takes nothing.

    When the credential ends, a stream that was to go on for ever ends; one whose end was promised is cut off, so that
    nobody takes the part for the whole.
    """

    def __init__(  # noqa: PLR0913 (what it streams, how, to whom and for how long)
        self,
        chunks: AsyncGenerator[bytes, None],
        media_type: str,
        headers: Mapping[str, str],
        *,
        lasts: Lasts,
        for_ever: bool,
        held: AbstractContextManager[None] | None = None,
        status_code: int = 200,
    ) -> None:
        self.status_code, self.media_type, self.background = status_code, media_type, None
        self._chunks, self._lasts, self._for_ever = chunks, lasts, for_ever
        self._held = held or nullcontext()
        self.init_headers({**headers, "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI's signature)
        sender = asyncio.create_task(self._stream(send))
        gone = asyncio.create_task(_until_gone(receive))
        ended = asyncio.create_task(_until_ended(self._lasts))
        with self._held:
            try:
                done, _ = await asyncio.wait({sender, gone, ended}, return_when=asyncio.FIRST_COMPLETED)
                if sender in done:
                    sender.result()
            finally:
                for task in (sender, gone, ended):
                    task.cancel()
                await asyncio.gather(sender, gone, ended, return_exceptions=True)
        if self._for_ever and done == {ended}:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(self, send: Send) -> None:
        async with aclosing(self._chunks) as chunks:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def while_it_lasts(awaited: Awaitable[T], lasts: Lasts) -> T:
    """What was waited for; a 401 as soon as the credential opens nothing more."""
    waiting = asyncio.ensure_future(awaited)
    ended = asyncio.create_task(_until_ended(lasts))
    try:
        await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise Problem("unauthenticated", "The credential has ended while you waited.", why="ended")
        return waiting.result()
    finally:
        for task in (waiting, ended):
            task.cancel()
        await asyncio.gather(waiting, ended, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_ended(lasts: Lasts) -> None:
    await asyncio.sleep(LOOK_SECONDS)  # it opened a moment ago
    while lasts():  # noqa: ASYNC110 (nobody tells that a token expires)
        await asyncio.sleep(LOOK_SECONDS)
