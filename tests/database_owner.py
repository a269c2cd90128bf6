"""The owner of the tests' databases: says statements over one connection that stays, for a new one costs far more."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import asyncpg


class Owner:
    """Speaks from a thread and a loop of its own, so that a test whose loop runs may ask for a database too."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = ThreadPoolExecutor(1, "owner")
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def say(self, statement: str) -> None:
        """Have it done, outside any transaction."""
        self._wait_for(self._say(statement))

    def leave(self) -> None:
        """Hang up. The next word would connect anew, but there is none after this."""
        self._wait_for(self._hang_up())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _wait_for(self, doing: Coroutine[Any, Any, None]) -> None:
        self._thread.submit(self._runner.run, doing).result()

    async def _say(self, statement: str) -> None:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(statement)

    async def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # the server may be gone already
                await self._connection.close()
