"""Opening a database, and the few things that SQLite and PostgreSQL do differently."""

import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from secor_workflow.database.hosts import hosts_in_query
from secor_workflow.database.servers import Servers

WRITER_LOCK = 0x5EC0_4106
"""PostgreSQL's advisory lock that makes one writer at a time, through commit."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL may lose an acknowledged event which a consumer has already read
    "busy_timeout=30000",
    "secure_delete=ON",  # erased bytes are overwritten, not only forgotten
)


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


def driver_url(url: str, whom: str = "primary") -> sa.URL:
    """The URL with the asynchronous driver in it, whichever form was given; of several hosts, for the primary."""
    parsed = sa.make_url(hosts_in_query(url, whom))
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"The database must be sqlite or postgresql, not {other}.")


def open_engine(url: str, *, patient: bool = False) -> AsyncEngine:
    """An engine for reading at READ COMMITTED and for `exclusive` writing.

    Who is patient waits for a statement as long as it takes (upkeep of a large log); others give it up after a minute.
    """
    target = driver_url(url)
    if target.get_backend_name() == "postgresql":
        engine = create_async_engine(
            target,
            isolation_level="READ COMMITTED",  # whatever the database or the role is told to begin with
            pool_size=10,
            max_overflow=10,
            pool_timeout=10,
            connect_args={
                "timeout": 5,
                "command_timeout": None if patient else 60,
                "async_creator_fn": Servers().connect,
            },
            hide_parameters=True,  # an error that is logged must not carry anybody's name
        )
        sa.event.listen(engine.sync_engine, "checkout", _lend_none_that_is_closed)
        return engine
    if target.database and target.database != ":memory:":
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    # Autocommit leaves BEGIN to us: the driver's own is deferred, and would meet the other writer too late.
    engine = create_async_engine(
        target,
        isolation_level="AUTOCOMMIT",
        pool_size=10,
        connect_args={"factory": SqliteConnection},
        hide_parameters=True,
    )
    sa.event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def open_synchronous(engine: AsyncEngine) -> sa.Engine:
    """Another engine for the same SQLite file, which does not leave its caller's thread; it is for writing alone."""
    plain = engine.url.set(drivername="sqlite+pysqlite")
    writing = sa.create_engine(plain, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, hide_parameters=True)
    sa.event.listen(writing, "connect", _set_pragmas)
    sa.event.listen(writing, "begin", _begin_immediately)
    return writing


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_replica(url: str) -> AsyncEngine:
    """An engine for reading from a standby; there is the primary to ask instead, so it is not waited for long."""
    engine = create_async_engine(
        driver_url(url, "prefer-standby"),
        pool_size=10,
        max_overflow=10,
        pool_timeout=1,
        connect_args={"timeout": 1, "command_timeout": 5},
        hide_parameters=True,
    )
    sa.event.listen(engine.sync_engine, "checkout", _lend_none_that_is_closed)
    return engine


def _lend_none_that_is_closed(connection: Any, _record: object, _lent: object) -> None:  # noqa: ANN401 (the driver's own connection)
    """A server that went away has closed its connections, and the driver has noticed: nobody need ask them first."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


@lru_cache(maxsize=16)
def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for single reads: nothing is begun before each of them, and nothing rolled back after it.

    Made once for an engine, which has few; to make one costs as much as what is then read.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@asynccontextmanager
async def exclusive(engine: AsyncEngine, lock: int = WRITER_LOCK) -> AsyncIterator[AsyncConnection]:
    """A transaction that no other writer runs beside; it holds the lock until it is durable."""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            try:
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
                yield connection
            except BaseException:
                with suppress(SQLAlchemyError):  # what is lost cannot be rolled back, and the first cause is told
                    await connection.rollback()
                raise
            await connection.commit()
        return
    async with engine.connect() as connection:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            with suppress(SQLAlchemyError):  # a connection that was broken off has nothing to roll back any more
                await connection.exec_driver_sql("ROLLBACK")
            raise
        await connection.exec_driver_sql("COMMIT")


_AWAY_CLASSES = ("08", "53", "55", "57", "58")
_AWAY_STATES = (
    *("25006", "40001", "40P01"),
    "23514",  # a check refuses: there is no partition for the next position; `secor-workflow partitions prepare`
)


def is_away(error: Exception) -> bool:
    """Whether the database itself fails (gone, starting, full, read-only, locked), and not one statement."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError | PoolTimeoutError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    told = state.startswith(_AWAY_CLASSES) or state in _AWAY_STATES
    name = type(error.orig).__name__
    lost = "Connection" in name or name == "InternalClientError"  # asked between the server's good-bye and its end
    return error.connection_invalidated or isinstance(error, OperationalError) or told or lost


class InUseError(Exception):
    """Somebody else has the database open."""


@asynccontextmanager
async def alone(engine: AsyncEngine, table: sa.Table) -> AsyncIterator[AsyncConnection]:
    """A transaction while nobody else has the database open; whoever opens it now reads the table after us.

    Raises InUseError if somebody has. SQLite's connection stays alone until the engine is disposed of.
    """
    if engine.dialect.name == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usesysid IS NOT NULL"
        async with exclusive(engine) as connection:
            await connection.exec_driver_sql(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')
            if await connection.scalar(sa.text(f"{others} AND pid <> pg_backend_pid()")):
                raise InUseError
            yield connection
        return
    async with engine.connect() as connection:
        try:
            for statement in ("PRAGMA busy_timeout=1000", "PRAGMA locking_mode=EXCLUSIVE", "BEGIN IMMEDIATE", "COMMIT"):
                await connection.exec_driver_sql(statement)
        except OperationalError as error:
            raise InUseError from error
    async with exclusive(engine) as connection:
        yield connection


class JsonList(sa.TypeDecorator[Sequence[Any]]):
    """Values of one type as SQLite's `json_each` takes them."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: Sequence[Any] | None, dialect: sa.Dialect) -> str:
        """The values, each as the column has it."""
        stored = self.of.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([stored(one) if stored else one for one in value or ()])


def among(engine: AsyncEngine, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a column is among the values of the parameter `name`; the statement's text is the same for any number."""
    if engine.dialect.name == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(column.type)))
    listed = sa.func.json_each(sa.bindparam(name, type_=JsonList(column.type))).table_valued("value")
    return column.in_(sa.select(listed.c.value))


async def forget_bytes(engine: AsyncEngine, *tables: sa.Table) -> None:
    """Make sure that erased values are gone from the data files, not only from the rows.

    SQLite overwrites them at once (`secure_delete`), but for scraps that moving rows leave between them; it is written
    anew here, and its write-ahead log emptied. PostgreSQL rewrites the tables; its own write-ahead log and backups
    forget by their retention. Raises TimeoutError if a reader stands in the way; it may be called again.
    """
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in tables:
                await outside.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
        return
    async with engine.connect() as connection:
        await connection.exec_driver_sql("VACUUM")
        hindered, *_ = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
    if hindered:
        raise TimeoutError("A long read keeps the write-ahead log from being emptied; erase again.")
