"""Concurrent appends of a process share their commits, and yet each stands or falls alone."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa
from asyncpg import Connection
from asyncpg.connection import LoggedQuery

from secor_workflow.database.tables import people
from secor_workflow.log.append import Appended, Conflict
from secor_workflow.log.log import Log
from secor_workflow.log.queue import MOST_AT_ONCE
from workflow.log.stories import Story, poisoned


@dataclass
class Writes:
    """How often events were written: once for each batch."""

    number: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)


@contextmanager
def counted_writes() -> Iterator[Writes]:
    writes, loop = Writes(), asyncio.get_running_loop()

    def note() -> None:
        writes.number += 1
        loop.call_soon_threadsafe(writes.begun.set)  # SQLite is written to from a thread

    def by_postgresql(told: LoggedQuery) -> None:
        if "INSERT INTO events" in told.query:
            note()

    def by_sqlite(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":  # it tells each row
            note()

    def lent(connection: sa.PoolProxiedConnection | sqlite3.Connection, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(by_sqlite)
        elif isinstance(connection.driver_connection, Connection):
            connection.driver_connection.add_query_logger(by_postgresql)

    sa.event.listen(sa.Pool, "checkout", lent)
    yield writes
    sa.event.remove(sa.Pool, "checkout", lent)


async def transactions(log: Log) -> int:
    """How many transactions of this PostgreSQL database have written anything: the next id is the number of them."""
    async with log.engine.connect() as connection:
        return int(await connection.scalar(sa.text("SELECT txid_snapshot_xmax(txid_current_snapshot())")) or 0)


async def test_concurrent_appends_share_a_few_writes(log: Log) -> None:
    appends = [Story().next() for _ in range(200)]

    with counted_writes() as writes:
        outcomes = await asyncio.gather(*(log.append(append) for append in appends))

    assert {outcome.position for outcome in outcomes if isinstance(outcome, Appended)} == set(range(1, 201))
    assert writes.number <= 3


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_concurrent_appends_share_a_few_transactions(log: Log) -> None:
    before = await transactions(log)

    await asyncio.gather(*(log.append(Story().next()) for _ in range(200)))

    assert await transactions(log) - before <= 3


async def test_what_comes_while_a_commit_is_running_goes_with_the_next_one(log: Log) -> None:
    with counted_writes() as writes:
        first = asyncio.create_task(log.append(Story().next()))
        await writes.begun.wait()
        rest = await asyncio.gather(*(log.append(Story().next()) for _ in range(50)))

    assert await first == Appended(1)
    assert rest == [Appended(n) for n in range(2, 52)]
    assert writes.number == 2


async def test_more_than_one_batch_holds_are_all_written(log: Log) -> None:
    appends = [Story().next() for _ in range(MOST_AT_ONCE + 1)]

    outcomes = await asyncio.gather(*(log.append(append) for append in appends))

    assert outcomes == [Appended(n) for n in range(1, len(appends) + 1)]


async def test_each_append_of_a_batch_has_its_own_outcome(log: Log) -> None:
    story = Story()
    rival = story.rival()

    outcomes = await asyncio.gather(*(log.append(append) for append in (story.next(), rival, Story().next())))

    assert outcomes == [Appended(1), Conflict(), Appended(2)]


async def test_a_poisoned_text_fails_alone(log: Log) -> None:
    healthy = [Story().next() for _ in range(6)]
    batch = [*healthy[:3], poisoned(Story().next()), *healthy[3:]]

    outcomes = await asyncio.gather(*(log.append(append) for append in batch), return_exceptions=True)

    assert [outcome for outcome in outcomes if not isinstance(outcome, Exception)] == [Appended(n) for n in range(1, 7)]
    assert isinstance(outcomes[3], Exception)
    assert await log.head() == 6


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_a_text_that_only_postgresql_refuses_fails_alone(log: Log) -> None:
    append = Story().next()
    odd = replace(append, text=append.text[:-1] + ',"note":"\0"}')

    outcomes = await asyncio.gather(log.append(Story().next()), log.append(odd), return_exceptions=True)

    assert outcomes[0] == Appended(1)
    assert isinstance(outcomes[1], Exception)


async def test_a_poisoned_person_fails_alone_and_is_not_kept(log: Log) -> None:
    story = Story()
    nameless = sa.insert(people).values(person_id=None, case_id=story.case.case_id)

    outcomes = await asyncio.gather(
        log.append(Story().next()),
        log.append(story.next(beside_it=[nameless])),
        log.append(Story().next()),
        return_exceptions=True,
    )

    assert [outcomes[0], outcomes[2]] == [Appended(1), Appended(2)]
    assert isinstance(outcomes[1], Exception)
    assert await log.texts_of(story.case.case_id) == []


async def test_a_caller_who_goes_away_does_not_cancel_its_neighbours(log: Log) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(log.append(Story().next())) for _ in range(20)]
        await asyncio.sleep(0)  # now all wait for the one commit
        for task in tasks[::2]:
            task.cancel()

    outcomes = [task.result() for task in tasks[1::2]]
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    head = await log.head()
    assert len((await log.page(0, 100)).texts) == head
    assert await log.append(Story().next()) == Appended(head + 1)


async def test_closing_waits_for_what_was_accepted(log: Log) -> None:
    task = asyncio.create_task(log.append(Story().next()))
    await asyncio.sleep(0)

    await log.close()

    assert await log.head() == 1
    assert await task == Appended(1)


async def test_who_gives_up_closing_leaves_what_was_accepted_to_be_written(log: Log) -> None:
    task = asyncio.create_task(log.append(Story().next()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(log.close())
    await asyncio.sleep(0)

    closing.cancel()

    async with asyncio.timeout(10):
        assert await task == Appended(1)
