"""One port before several processes, as a balancer of connections has it: it knows who is ready, and nothing of HTTP.

Once a connection stands its two ends talk to each other alone: nothing here repeats a request or hides that one failed.
"""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import Self

import httpx

from loopback import NO_TLS

LOOK_SECONDS = 0.1


@contextmanager
def balancer(ports: Sequence[int]) -> Iterator[str]:
    """Where it answers, while it runs."""
    with _Balancer(ports) as running:
        yield running.url


class _Balancer:
    """New connections go to those who are ready, in turn."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports, self._turn = ports, cycle(ports)
        self._ready: set[int] = set()
        self._open: set[StreamWriter] = set()
        self._joined: set[asyncio.Task[object]] = set()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._began = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._began.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._join, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with httpx.AsyncClient(verify=NO_TLS, timeout=2, limits=httpx.Limits(max_keepalive_connections=0)) as web:
            await self._look(web)
            self._began.set()
            while not self._stopping.is_set():
                await self._look(web)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._stopping.wait()
        server.close()
        while self._joined:
            for writer in self._open:
                writer.transport.abort()
            await asyncio.wait(self._joined, timeout=0.1)

    async def _look(self, web: httpx.AsyncClient) -> None:
        """Who is slow to answer stays what it was: the machine is busy."""

        async def look_at(port: int) -> None:
            try:
                is_ready = (await web.get(f"http://127.0.0.1:{port}/readyz")).is_success
            except httpx.TimeoutException:
                return
            except httpx.TransportError:
                is_ready = False
            (self._ready.add if is_ready else self._ready.discard)(port)

        await asyncio.gather(*map(look_at, self._ports))

    async def _join(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._joined.add(task)
        port = next(port for port in self._turn if port in self._ready)
        theirs, ours = await asyncio.open_connection("127.0.0.1", port)
        ends = {writer, ours}
        self._open |= ends
        await asyncio.gather(_pass_on(reader, ours), _pass_on(theirs, writer))
        for end in ends:
            with suppress(OSError):
                await end.wait_closed()
        self._open -= ends
        self._joined.discard(task)


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    """Until one side ends; then the other hears of it."""
    with suppress(OSError):
        while piece := await reader.read(2**16):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
        writer.close()
