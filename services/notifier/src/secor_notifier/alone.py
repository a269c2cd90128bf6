"""Sees to it that of several notifier processes on one PostgreSQL only one reads and sends."""

from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.ledger.engine import may_be_shared, try_to_be_alone


class Alone:
    """Holds a lock for as long as its own connection lives; the others stand by and take over when it ends."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def held(self) -> bool:
        """Whether we are the one, having just made sure of it."""
        if not may_be_shared(self._engine):
            return True
        if self._connection is not None:
            try:
                await self._connection.execute(text("SELECT 1"))
            except (SQLAlchemyError, OSError):
                await self.let_go()
                raise
            return True
        connection = await self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        if await try_to_be_alone(connection):
            self._connection = connection
            return True
        await connection.close()
        return False

    async def let_go(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Closing for real, not back to the pool: the lock belongs to the session.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
                await connection.close()
