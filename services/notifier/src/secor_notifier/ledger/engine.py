"""The one place where SQLite and PostgreSQL differ: how to open them, write in them, and be alone in them."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from secor_notifier.ledger.hosts import hosts_in_query
from secor_notifier.ledger.servers import Servers

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
STATEMENT_SECONDS = 60.0
"""After so long a PostgreSQL server that fell silent is given up (TimeoutError)."""
ACTIVE_WORKER = 0x5EC0_0001
MIGRATION = 0x5EC0_0002
LEASING = 0x5EC0_0003
OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"""


class SqliteConnection(sqlite3.Connection):
    """Whose transaction ends with it, also when it is closed in the midst of a statement.

    SQLite keeps a connection open behind its closing for as long as somebody still holds one of its cursors, and with
    it the lock of all writers. Somebody does when a task is cancelled while it asks.
    """

    def close(self) -> None:
        """Undo what is not committed, and close it."""
        try:
            self.rollback()
        finally:
            super().close()


class UnknownDatabaseError(ValueError):
    """The database's URL is of a kind which the ledger does not speak."""


def read_url(url: str) -> URL:
    """Where the database is: `sqlite:///…` or `postgresql://…`, with a driver named or not."""
    try:
        parsed = make_url(hosts_in_query(url))
    except ArgumentError:
        raise UnknownDatabaseError("NOTIFIER_DATABASE_URL must be sqlite:///… or postgresql://….") from None
    kind = parsed.get_backend_name()
    if kind not in DRIVERS:
        raise UnknownDatabaseError(f"NOTIFIER_DATABASE_URL must be sqlite:///… or postgresql://…, not {kind}://….")
    return parsed.set(drivername=DRIVERS[kind])


def open_engine(url: URL, statement_seconds: float | None = STATEMENT_SECONDS) -> AsyncEngine:
    """An engine which connects at first use. None for who waits for a statement as long as it takes."""
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(url, connect_args={"factory": SqliteConnection}, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=5,
        connect_args={"timeout": 5, "command_timeout": statement_seconds, "async_creator_fn": Servers().connect},
        hide_parameters=True,
    )


def writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine, for transactions which will write."""
    return engine.execution_options(secor_writes=True)


def insert(connection: AsyncConnection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what to do on conflict."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def may_be_shared(engine: AsyncEngine) -> bool:
    """Whether other processes may use the database beside us; an SQLite file has one."""
    return engine.dialect.name == "postgresql"


async def try_to_be_alone(connection: AsyncConnection) -> bool:
    """Whether this connection now holds the right to be the one active worker, until it ends."""
    return bool(await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ACTIVE_WORKER}))


async def lease_alone(connection: AsyncConnection) -> None:
    """Wait until no other process leases; held to the end of the transaction, which on SQLite is alone anyway."""
    if may_be_shared_by(connection):
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEASING})


async def seconds(connection: AsyncConnection) -> int:
    """The database's own clock, in seconds: the one that all processes share, whatever their machines show."""
    asked = "CAST(strftime('%s', 'now') AS INTEGER)"
    if may_be_shared_by(connection):
        asked = "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
    return int(await connection.scalar(text(f"SELECT {asked}")) or 0)


def may_be_shared_by(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


async def at_one_moment(connection: AsyncConnection) -> AsyncConnection:
    """A connection whose every read sees the ledger as it was at the first one."""
    if may_be_shared_by(connection):
        return await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


class InUseError(Exception):
    """Somebody else has the database open."""


@asynccontextmanager
async def alone(engine: AsyncEngine, table: Table) -> AsyncIterator[AsyncConnection]:
    """A transaction while nobody else has the database open. Raises InUseError if somebody has.

    SQLite's connection stays alone until the engine is disposed of.
    """
    async with writing(engine).connect() as connection:
        if may_be_shared_by(connection):
            await connection.exec_driver_sql(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')
            if await connection.scalar(text(OTHERS)):
                raise InUseError
        else:
            try:
                await connection.exec_driver_sql("PRAGMA busy_timeout=1000")
                await connection.exec_driver_sql("PRAGMA locking_mode=EXCLUSIVE")
                await connection.commit()
                await connection.begin()
            except OperationalError as error:
                raise InUseError from error
        yield connection
        await connection.commit()


def migrate_alone(connection: Connection) -> None:
    """Wait until no other process migrates; held to the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION})


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must leave BEGIN to us: its own is deferred, and a deferred writer can fail half-way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("secor_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
