"""Other processes of the service, for as long as a test needs them: see `clerk.py`."""

import asyncio
import json
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from forking import CONTEXT
from workflow.log import clerk

LONGEST_LINE = 2**24


@dataclass(frozen=True)
class Clerk:
    """One process, and the line to it."""

    process: BaseProcess
    answers: StreamReader
    orders: StreamWriter

    async def answer(self) -> dict[str, Any] | None:
        """What it says next; nothing once it is gone."""
        line = await self.answers.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    async def tell(self, order: str, **given: object) -> None:
        self.orders.write(json.dumps({"order": order, **given}).encode() + b"\n")
        await self.orders.drain()

    async def ask(self, order: str, **given: object) -> dict[str, Any]:
        """Give an order and wait for its one answer."""
        await self.tell(order, **given)
        answer = await self.answer()
        assert answer is not None, f"the process is gone: {order}"
        return answer

    def kill(self) -> None:
        self.process.kill()


@asynccontextmanager
async def a_clerk(url: str) -> AsyncIterator[Clerk]:
    """A process that is ready; it ends when its orders do."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = CONTEXT.Process(target=clerk.work, args=(url, theirs), daemon=True)
        process.start()
    answers, orders = await asyncio.open_connection(sock=ours, limit=LONGEST_LINE)
    started = Clerk(process, answers, orders)
    try:
        assert await started.answer() == {"ready": True}
        yield started
    finally:
        orders.close()
        with suppress(BrokenPipeError, ConnectionResetError):
            await orders.wait_closed()
        await asyncio.to_thread(process.join)


@asynccontextmanager
async def clerks(url: str, number: int) -> AsyncIterator[list[Clerk]]:
    """So many processes, started at once."""
    async with AsyncExitStack() as stack:
        waiting = [stack.enter_async_context(a_clerk(url)) for _ in range(number)]
        yield list(await asyncio.gather(*waiting))
