"""SQLite is written to from a thread by its own driver, and nobody who appends can tell it from SQLAlchemy."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import is_away, open_engine
from secor_workflow.database.prepared import Prepared
from secor_workflow.database.tables import metadata, people
from secor_workflow.database.thread import WriterThread, driver_of
from secor_workflow.log.append import Appended
from workflow.log.services import a_log
from workflow.log.stories import Story

OF_TYPE = {
    sa.Uuid: UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
    sa.Text: "Zoë’s \0 inn",
    sa.Integer: 7,
    sa.BigInteger: 2**40,
    sa.Boolean: True,
    sa.Date: date(2026, 3, 2),
    sa.DateTime: datetime(2026, 3, 2, 20, 0, 0, 123, tzinfo=UTC),
}


@pytest.fixture
async def engine(sqlite_log_url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(sqlite_log_url)
    yield opened
    await opened.dispose()


@pytest.fixture
async def writer(engine: AsyncEngine) -> AsyncIterator[WriterThread]:
    opened = WriterThread(engine)
    yield opened
    await opened.let_go()


def a_person(connection: sa.Connection) -> None:
    connection.execute(sa.insert(people).values(person_id=OF_TYPE[sa.Uuid], case_id=OF_TYPE[sa.Uuid]))


async def number_of_people(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(people)) or 0)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=lambda table: table.name)
async def test_a_row_is_stored_as_sqlalchemy_stores_it(
    engine: AsyncEngine, writer: WriterThread, table: sa.Table
) -> None:
    kinds = {column.name: getattr(column.type, "impl", column.type) for column in table.columns}
    row = {name: value for name, kind in kinds.items() for of, value in OF_TYPE.items() if type(kind) is of}
    assert row.keys() == kinds.keys()

    def stored(connection: sa.Connection) -> list[tuple[object, ...]]:
        return driver_of(connection).execute(f'SELECT * FROM "{table.name}"').fetchall()  # noqa: S608 (our own names)

    def both(connection: sa.Connection) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        with connection.begin_nested() as undone:
            connection.execute(sa.insert(table), [row])
            by_sqlalchemy = stored(connection)
            undone.rollback()
        Prepared(engine.dialect, sa.insert(table), list(row)).write(driver_of(connection), [row])
        return by_sqlalchemy, stored(connection)

    by_sqlalchemy, by_the_driver = await writer.transaction(both)

    assert by_sqlalchemy == by_the_driver
    assert by_the_driver


async def test_what_the_driver_refuses_is_told_as_sqlalchemy_tells_it(writer: WriterThread) -> None:
    def twice(connection: sa.Connection) -> None:
        a_person(connection)
        driver_of(connection).execute("INSERT INTO people SELECT * FROM people")

    with pytest.raises(DBAPIError) as refused:
        await writer.transaction(twice)

    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    assert not is_away(refused.value)


async def test_a_locked_database_is_away_and_is_written_to_once_it_is_free(
    engine: AsyncEngine, writer: WriterThread, tmp_path: Path
) -> None:
    await writer.transaction(lambda connection: driver_of(connection).execute("PRAGMA busy_timeout=10").close())
    with closing(sqlite3.connect(tmp_path / "workflow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError) as refused:
            await writer.transaction(a_person)
        other.execute("ROLLBACK")

    assert is_away(refused.value)
    await writer.transaction(a_person)
    assert await number_of_people(engine) == 1


async def test_nothing_stays_of_work_that_fails(engine: AsyncEngine, writer: WriterThread) -> None:
    def fails(connection: sa.Connection) -> None:
        a_person(connection)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await writer.transaction(fails)

    assert await number_of_people(engine) == 0


async def test_who_gives_up_waiting_breaks_off_nothing(engine: AsyncEngine, writer: WriterThread) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sa.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        a_person(connection)
        go_on.wait(10)

    waiting = asyncio.create_task(writer.transaction(slow))
    await begun.wait()
    waiting.cancel()
    go_on.set()
    await writer.let_go()

    assert waiting.cancelled()
    assert await number_of_people(engine) == 1


async def test_a_closed_log_keeps_no_thread_and_still_writes(sqlite_log_url: str) -> None:
    async with a_log(sqlite_log_url) as log:
        await log.append(Story().next())
        [thread] = [one for one in threading.enumerate() if one.name.startswith("sqlite-writer")]
        await log.close()
        thread.join(10)
        assert not thread.is_alive()

        assert await log.append(Story().next()) == Appended(2)
