"""Other processes of the service, for as long as a test needs them: see `clerk.py`."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("clerk.py")
TESTS = Path(__file__).parents[2]
LONGEST_LINE = 2**24


class Clerk:
    """One process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def answer(self) -> dict[str, Any] | None:
        """What it says next; nothing once it is gone."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    async def tell(self, order: str, **given: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": order, **given}).encode() + b"\n")
        await self._process.stdin.drain()

    async def ask(self, order: str, **given: object) -> dict[str, Any]:
        """Give an order and wait for its one answer."""
        await self.tell(order, **given)
        answer = await self.answer()
        assert answer is not None, f"the process is gone: {order}"
        return answer

    def kill(self) -> None:
        self._process.kill()


@asynccontextmanager
async def a_clerk(url: str) -> AsyncIterator[Clerk]:
    """A process that is ready; it ends when its orders do."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SCRIPT),
        url,
        stdin=PIPE,
        stdout=PIPE,
        limit=LONGEST_LINE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    clerk = Clerk(process)
    try:
        assert await clerk.answer() == {"ready": True}
        yield clerk
    finally:
        with suppress(BrokenPipeError, ConnectionResetError):
            await process.communicate(b"")


@asynccontextmanager
async def clerks(url: str, number: int) -> AsyncIterator[list[Clerk]]:
    """So many processes, started at once."""
    async with AsyncExitStack() as stack:
        waiting = [stack.enter_async_context(a_clerk(url)) for _ in range(number)]
        yield list(await asyncio.gather(*waiting))
