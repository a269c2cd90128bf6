"""The statements that are run most go to PostgreSQL's own driver: one round trip each, nothing put together anew."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache
from typing import Any

import sqlalchemy as sa
from asyncpg import Connection, InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.engine import WRITER_LOCK, reading
from secor_workflow.database.rows import Row, Shape, by_table, inserting, shape_of

_SETTINGS = {
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "default_transaction_isolation": "'read committed'",
}
"""A plan is made once, for a partitioned log it takes long; it is kept, so it must not be to read all of a log that was
small then. And whatever the database is told to do for others, who has waited for the lock sees what was committed.
"""
_OWN_WAY = "; ".join(f"SET {name} = {value}" for name, value in _SETTINGS.items())
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})"
"""In one go. What is asked after it sees all that was durable when the lock was given."""
_UNDO = "; ".join(["ROLLBACK", *(f"RESET {name}" for name in _SETTINGS)])


Query = sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]


class Question:
    """A query that is asked again and again with other values; its text is made once."""

    def __init__(self, engine: AsyncEngine, query: Query) -> None:
        self._engine, self._query = engine, query
        compiled = query.compile(dialect=engine.dialect)
        self._text, self._fixed = str(compiled), compiled.params
        self._names = tuple(getattr(compiled, "positiontup", None) or ())

    async def ask(self, **values: object) -> Sequence[Sequence[Any]]:
        """What is found now, outside any transaction."""
        async with reading(self._engine).connect() as connection:
            return await self.ask_on(connection, values)

    async def ask_on(self, connection: AsyncConnection, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """What this connection finds."""
        if self._engine.dialect.name != "postgresql":
            return (await connection.execute(self._query, values)).all()
        return await self.ask_by(await driver_of(connection), values)

    async def ask_by(self, driver: "Connection[Any]", values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """What PostgreSQL's own connection finds."""
        given = {**self._fixed, **values}
        with as_ours(driver):
            found: Sequence[Sequence[Any]] = await driver.fetch(self._text, *(given[name] for name in self._names))
        return found


async def driver_of(connection: AsyncConnection) -> "Connection[Any]":
    """PostgreSQL's own connection beneath ours."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)  # noqa: S101 (on PostgreSQL we use no other driver)
    return driver


@contextmanager
def as_ours(driver: "Connection[Any]") -> Iterator[None]:
    """Whoever waits for an error of the database need not know which way the statement went."""
    try:
        yield
    except (PostgresError, InterfaceError, InternalClientError) as error:
        if isinstance(error, InternalClientError):
            # The server has said good-bye to an idle connection, and its end is on its way: the driver takes what is
            # asked between the two for a mistake of ours, and is of no use any more.
            driver.terminate()
        raise DBAPIError(None, None, error, hide_parameters=True, connection_invalidated=driver.is_closed()) from error


class Writer:
    """`exclusive` on PostgreSQL for whom every round trip counts: it keeps one connection, until it is told to let go.

    To be lent a connection and to give it back costs as much as a round trip. It is given back whenever something went
    wrong, and another one is lent for the next time. One task at a time.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._kept: tuple[AsyncConnection, Connection[Any]] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Alone among all writers, until it is durable."""
        async with self._lent() as (connection, driver):
            await driver.execute(_BEGIN)
            yield connection
            await driver.execute("COMMIT")

    @asynccontextmanager
    async def statement(self) -> AsyncIterator["Connection[Any]"]:
        """For one statement that is a transaction by itself."""
        async with self._lent() as (_, driver):
            yield driver

    async def let_go(self) -> None:
        """Give the connection back, if one is kept, as it was lent."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        connection, driver = kept
        undone = False
        try:
            with suppress(PostgresError, InterfaceError, InternalClientError, OSError):  # where all is lost
                await driver.execute(_UNDO)
                undone = True
        finally:
            if not undone:  # broken off twice: nobody may be lent this one, nor wait for its lock; the driver has
                driver.terminate()  # not heard yet whether the transaction was begun
            with suppress(SQLAlchemyError, PostgresError, InterfaceError, OSError):  # what is lost is not given back
                await connection.close()

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[tuple[AsyncConnection, "Connection[Any]"]]:
        try:
            connection, driver = await self._connected()
            with as_ours(driver):
                yield connection, driver
        except BaseException:
            await self.let_go()
            raise

    async def _connected(self) -> tuple[AsyncConnection, "Connection[Any]"]:
        if self._kept is not None:
            if not self._kept[1].is_closed():
                return self._kept
            await self.let_go()
        connection = await reading(self._engine).connect()
        self._kept = kept = connection, await driver_of(connection)
        with as_ours(kept[1]):
            await kept[1].execute(_OWN_WAY)
        return kept


async def write_rows(engine: AsyncEngine, connection: AsyncConnection, rows: Iterable[Row]) -> None:
    """Write rows of some tables: on PostgreSQL one statement for all of them, on SQLite one for each table."""
    of_table = by_table(rows)
    if engine.dialect.name == "postgresql" and of_table:
        driver = await driver_of(connection)
        columns = [[values[name] for values in same] for same in of_table.values() for name in same[0]]
        with as_ours(driver):
            await driver.execute(_statement(engine.dialect, shape_of(of_table)), *columns)
        return
    for (table, replaces), same in of_table.items():
        await connection.execute(inserting(engine, table, replaces=replaces), same)


@cache
def _statement(dialect: sa.Dialect, shape: Shape) -> str:
    """One statement that writes all rows of all tables; each parameter is a column's values."""
    number, parts = 0, []
    for table, replaces, names in shape:
        given = []
        for name in names:
            number += 1
            given.append(f"${number}::{table.columns[name].type.compile(dialect)}[]")
        part = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({', '.join(given)})"  # noqa: S608 (our own names)
        parts.append(part + (_replacing(table) if replaces else ""))
    *before, last = reversed(parts)
    beside = ", ".join(f"beside_{i} AS ({part})" for i, part in enumerate(before))
    return f"WITH {beside} {last}" if before else last


def _replacing(table: sa.Table) -> str:
    key = [column.name for column in table.primary_key]
    others = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.columns if column.name not in key)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"
