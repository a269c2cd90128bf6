"""What one process calls out, the others on the same PostgreSQL hear at once; SQLite has one process alone."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.direct import as_ours, driver_of

_CHANNEL = "secor_credentials"


async def call_out(connection: AsyncConnection) -> None:
    """Say that credentials have changed, as soon as the transaction is committed; never from what happens often."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_notify(_CHANNEL, "")))


class Ear:
    """Hears it on a connection of its own. Without one, as behind a pooler, nobody waits longer than they have said."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._heard = asyncio.Event()
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def wait(self, seconds: float) -> None:
        """Until somebody has called, at most so long."""
        if self._engine.dialect.name == "postgresql":
            with suppress(SQLAlchemyError, OSError, TimeoutError):
                await self._listen()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        self._heard.clear()

    async def _listen(self) -> None:
        if self._connection is not None:
            if not (await driver_of(self._connection)).is_closed():
                return
            await self._close()
        self._connection = await self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        driver = await driver_of(self._connection)
        with as_ours(driver):
            await driver.add_listener(_CHANNEL, lambda *_: self._heard.set())

    async def _close(self) -> None:
        """For good, not back to the pool: it still listens."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
                await connection.close()
