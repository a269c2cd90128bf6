"""Reading as of one moment, for as long as it takes, while others write on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@asynccontextmanager
async def one_moment(engine: AsyncEngine, snapshot: str = "") -> AsyncIterator[AsyncConnection]:
    """A connection that sees all as it stands at its first look, or as whoever told the snapshot does (PostgreSQL)."""
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            if snapshot:
                await connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        else:
            await connection.exec_driver_sql("BEGIN")
        yield connection
        await connection.rollback()


async def snapshot_of(connection: AsyncConnection) -> str:
    """What others may see the same moment by, as long as this connection looks at it (PostgreSQL)."""
    return str(await connection.scalar(sa.select(sa.func.pg_export_snapshot())))
