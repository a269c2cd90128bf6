"""A TCP line in the middle that passes on what both sides say, until it is told to cut."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Self

PIECE = 1 << 16


class Cut(Enum):
    """Where a connection ends."""

    BEFORE = auto()
    """What was just said is not passed on."""
    WITH = auto()
    """It is passed on, and nobody waits for the answer."""
    AFTER = auto()
    """It is passed on and answered, and the answer is not."""


Eye = Callable[[bytes], Cut | None]
"""Looks at a piece and says whether the connection is to be cut there."""


class Line:
    """`async with Line(port) as line:` and whoever connects to `line.port` is connected to the port behind it."""

    def __init__(self, to_port: int) -> None:
        self.port, self.cuts = 0, 0
        self.asked: Eye | None = None
        """Looks at what clients say, ..."""
        self.answered: Eye | None = None
        """... and at what is said to them."""
        self.closes = asyncio.Event()
        """Whether clients are told that the server has closed a connection; long roads tell it late."""
        self.closes.set()
        self.tells = asyncio.Event()
        """Whether clients hear what the server says, or not yet."""
        self.tells.set()
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=PIECE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for to_client in self._open.values():
            to_client.transport.abort()
        await asyncio.gather(*self._open)
        await self._server.wait_closed()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = to_client
        to_server: asyncio.StreamWriter | None = None
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._to_port, limit=PIECE)
            await _Connection(self, client, to_client, server, to_server).run()
        except OSError:
            pass  # nobody is there behind us: the client finds its connection closed
        finally:
            del self._open[task]
            for end in filter(None, (to_server, to_client)):
                end.close()


class _Connection:
    """Both directions of one connection."""

    def __init__(
        self,
        line: Line,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self._line, self._client, self._to_client = line, client, to_client
        self._server, self._to_server = server, to_server
        self._swallows_answer = False

    async def run(self) -> None:
        """Until one side ends, or it is cut."""
        ways = [asyncio.create_task(self._there()), asyncio.create_task(self._back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _there(self) -> None:
        with suppress(OSError):
            while piece := await self._client.read(PIECE):
                cut = self._line.asked(piece) if self._line.asked else None
                self._line.cuts += cut is not None
                if cut is Cut.BEFORE:
                    return
                self._swallows_answer = cut is Cut.AFTER
                self._to_server.write(piece)
                await self._to_server.drain()
                if cut is Cut.WITH:
                    return

    async def _back(self) -> None:
        with suppress(OSError):
            while piece := await self._server.read(PIECE):
                if self._swallows_answer:
                    return
                if self._line.answered and self._line.answered(piece):
                    self._line.cuts += 1
                    return
                await self._line.tells.wait()
                self._to_client.write(piece)
                await self._to_client.drain()
            await self._line.closes.wait()
