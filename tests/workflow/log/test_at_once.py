"""Appends on PostgreSQL are one statement if nothing stands against them, whoever comes in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from asyncpg import Connection
from asyncpg.connection import LoggedQuery
from sqlalchemy.ext.asyncio import AsyncEngine

from faults.waiting import eventually
from secor_workflow.database.engine import WRITER_LOCK, exclusive, reading
from secor_workflow.log.append import Append, Appended, Conflict, Duplicate, Outcome
from secor_workflow.log.log import Log
from secor_workflow.log.upkeep import verify
from workflow.log.services import a_log
from workflow.log.stories import POLICIES, Story, new_account

PAUSE = 7
"""An advisory lock of these tests: who holds it keeps a lone append between its look at the log and the lock."""
PAUSING = (
    "CREATE SCHEMA pausing",
    f"""CREATE FUNCTION pausing.pg_try_advisory_xact_lock(integer) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN
        PERFORM pg_catalog.pg_advisory_xact_lock({PAUSE});
        RETURN pg_catalog.pg_try_advisory_xact_lock($1);
    END $$""",
    """DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = pausing, pg_catalog, public', current_database());
    END $$""",
)
WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND NOT granted")


@pytest.fixture
def url(postgres_log_url: str) -> str:
    return postgres_log_url


@pytest.fixture
async def other(url: str) -> AsyncIterator[Log]:
    """Another process on the same database."""
    async with a_log(url) as opened:
        yield opened


@pytest.fixture
async def pausing(url: str, other: Log) -> AsyncIterator[Log]:
    """A process whose lone appends can be held up after they have looked at the log."""
    async with reading(other.engine).connect() as connection:
        for statement in PAUSING:
            await connection.exec_driver_sql(statement)
    async with a_log(url) as opened:
        yield opened


async def until_somebody_waits_for(lock: int, engine: AsyncEngine, *, number: int = 1) -> None:
    async with asyncio.timeout(10), reading(engine).connect() as connection:
        while int(await connection.scalar(WAITING, {"lock": lock}) or 0) < number:  # noqa: ASYNC110 (nobody tells of a lock)
            await asyncio.sleep(0.01)


@contextmanager
def asked(log: Log) -> Iterator[list[str]]:
    """The statements of connections that are lent meanwhile."""
    statements: list[str] = []

    def note(told: LoggedQuery) -> None:
        statements.append(told.query)

    def lent(connection: sa.PoolProxiedConnection, *_: object) -> None:
        assert isinstance(connection.driver_connection, Connection)
        connection.driver_connection.add_query_logger(note)

    sa.event.listen(log.engine.sync_engine, "checkout", lent)
    yield statements
    sa.event.remove(log.engine.sync_engine, "checkout", lent)


async def test_a_lone_append_is_one_round_trip(log: Log) -> None:
    story = Story()
    with asked(log) as statements:
        await log.append(story.next())
        statements.clear()

        assert await log.append(story.next()) == Appended(2)

    assert len(statements) == 1


async def test_appends_of_one_commit_are_one_round_trip(log: Log) -> None:
    stories = [Story() for _ in range(20)]
    with asked(log) as statements:
        await log.append(Story().next())
        statements.clear()

        assert await log.append_all([story.next() for story in stories]) == [Appended(n) for n in range(2, 22)]

    assert len(statements) == 1


async def test_while_others_write_many_are_written_the_careful_way(log: Log, other: Log) -> None:
    async def carefully() -> bool:
        statements.clear()
        await log.append_all([Story().next() for _ in range(20)])
        return any(statement.startswith("BEGIN") for statement in statements)

    with asked(log) as statements:
        assert not await carefully()

        await other.append(Story().next())
        assert not await carefully(), "nobody has told us"
        assert await carefully(), "who wrote once will write again"
        assert not await carefully(), "or not"


async def test_what_was_appended_alone_is_as_if_it_had_been_in_company(log: Log) -> None:
    story, others = Story(), [Story() for _ in range(3)]

    for _ in range(4):
        await log.append(story.next())
        await log.append_all([one.next() for one in others])

    assert len(await log.texts_of(story.case.case_id)) == 4
    assert await verify(log, POLICIES, lambda _done, _of: None) == []


def of_another_case(story: Story) -> tuple[Append, Append]:
    return story.next(key="mine"), Story().next()


def the_same_step(story: Story) -> tuple[Append, Append]:
    rival = story.rival()
    return story.next(), rival


def with_the_same_key(story: Story) -> tuple[Append, Append]:
    return story.next(key="mine"), Story().next(key="mine")


def for_the_same_account(_story: Story) -> tuple[Append, Append]:
    account = new_account()
    return Story(account).next(), Story(account).next()


@pytest.mark.parametrize(
    ("meanwhile", "outcome"),
    [
        (of_another_case, Appended(4)),
        (the_same_step, Conflict()),
        (with_the_same_key, Duplicate()),
        (for_the_same_account, Conflict()),
    ],
)
async def test_what_another_process_commits_after_the_look_counts(
    pausing: Log, other: Log, meanwhile: Callable[[Story], tuple[Append, Append]], outcome: Outcome
) -> None:
    story = Story()
    await other.append_all([story.next()])
    ours, theirs = meanwhile(story)
    async with reading(other.engine).connect() as connection:
        await connection.execute(sa.select(sa.func.pg_advisory_lock(PAUSE)))
        appending = asyncio.create_task(pausing.append(ours))
        await until_somebody_waits_for(PAUSE, other.engine)

        assert await other.append_all([theirs, Story().next()]) == [Appended(2), Appended(3)]
        await connection.execute(sa.select(sa.func.pg_advisory_unlock(PAUSE)))

    assert await appending == outcome
    assert await verify(other, POLICIES, lambda _done, _of: None) == []


async def test_who_has_the_lock_may_have_the_tables_too(log: Log, other: Log) -> None:
    await log.append(Story().next())
    async with exclusive(other.engine) as connection:
        appending = asyncio.create_task(log.append(Story().next()))
        await until_somebody_waits_for(WRITER_LOCK, other.engine)

        await connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        await connection.exec_driver_sql("LOCK TABLE events, cases IN ACCESS EXCLUSIVE MODE")

    assert await appending == Appended(2)


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_who_waited_for_the_lock_sees_what_was_committed_whatever_the_database_begins_with(
    url: str, isolation: str
) -> None:
    begins = f"""DO $$ BEGIN EXECUTE format(
        'ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), '{isolation}'
    ); END $$"""
    async with a_log(url) as first, reading(first.engine).connect() as connection:
        await connection.exec_driver_sql(begins)
    async with a_log(url) as one, a_log(url) as another:
        appending = []
        async with exclusive(one.engine):
            for number, log in enumerate((one, another), 1):
                appending.append(asyncio.create_task(log.append(Story().next())))
                await until_somebody_waits_for(WRITER_LOCK, one.engine, number=number)

        assert await asyncio.gather(*appending) == [Appended(1), Appended(2)]


async def test_who_appends_once_the_log_is_closed_keeps_no_connection(log: Log) -> None:
    pool = log.engine.pool
    assert isinstance(pool, sa.AsyncAdaptedQueuePool)
    await log.append(Story().next())
    assert pool.checkedout() == 1

    await log.close()
    assert await log.append(Story().next()) == Appended(2)

    await eventually(lambda: pool.checkedout() == 0)
