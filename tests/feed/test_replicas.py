"""Reads may go to a standby that follows by streaming replication; nobody can tell, not even when it lags or dies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from databases import installations
from faults.failover_pair import Pair, say
from feed.commands import Employer
from secor_workflow.database.engine import open_engine, open_replica
from secor_workflow.log.log import Log
from secor_workflow.log.restore import begin_epoch
from secor_workflow.settings import Settings
from workflow.api.service import Service
from workflow.log.stories import Story

pytestmark = pytest.mark.skipif(
    not (installations() and (installations()[0] / "pg_basebackup").exists()), reason="no pg_basebackup here"
)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A primary and a standby that follows when it can; the tests write in the same log, one after the other."""
    with Pair(synchronous=False) as pair:
        yield pair


@pytest.fixture(autouse=True)
def following(pair: Pair) -> Iterator[None]:
    yield
    say(pair.standby, "SELECT pg_wal_replay_resume()")


def pause(pair: Pair) -> None:
    pair.catch_up()
    say(pair.standby, "SELECT pg_wal_replay_pause()")
    pair.until(pair.standby, "SELECT pg_get_wal_replay_pause_state()", "paused")


@asynccontextmanager
async def a_log_with_replica(pair: Pair) -> AsyncIterator[Log]:
    async with AsyncExitStack() as stack:
        log = Log(open_engine(pair.url), open_replica(pair.standby.url(pair.name)))
        stack.push_async_callback(log.engine.dispose)
        if log.replica is not None:
            stack.push_async_callback(log.replica.engine.dispose)
        await log.open()
        stack.push_async_callback(log.close)
        yield log


@pytest.fixture
async def log(pair: Pair) -> AsyncIterator[Log]:
    async with a_log_with_replica(pair) as opened:
        yield opened


def taken_over(log: Log) -> int:
    """How many reads the replica has answered."""
    assert log.replica is not None
    return log.replica.answered


async def test_a_page_that_the_replica_holds_comes_from_there_and_is_the_same(log: Log, pair: Pair) -> None:
    before, story = await log.head(), Story()
    for _ in range(5):
        await log.append(story.next())
    pair.catch_up()

    page = await log.page(before, 3)
    filtered = await log.page(before, 3, types=["EmployerRegistered"])

    assert taken_over(log) == 2
    assert (len(page.texts), page.scanned_to) == (3, before + 3)
    assert (len(filtered.texts), filtered.scanned_to) == (1, before + 5)
    async with AsyncExitStack() as stack:
        alone = Log(open_engine(pair.url))
        stack.push_async_callback(alone.engine.dispose)
        assert (await alone.page(before, 3), await alone.page(before, 3, types=["EmployerRegistered"])) == (
            page,
            filtered,
        )


async def test_a_replica_that_lags_is_asked_only_for_what_it_has(log: Log, pair: Pair) -> None:
    before, story = await log.head(), Story()
    await log.append(story.next())
    pause(pair)
    for _ in range(3):
        await log.append(story.next())

    assert (await log.page(before, 1)).scanned_to == before + 1
    assert taken_over(log) == 1
    assert len((await log.page(before, 10)).texts) == 4
    assert (await log.page(before, 10, types=["EmployerRegistered"])).scanned_to == before + 4
    assert taken_over(log) == 1
    say(pair.standby, "SELECT pg_wal_replay_resume()")
    pair.catch_up()
    assert len((await log.page(before, 10)).texts) == 4
    assert taken_over(log) == 2


async def test_a_case_at_a_position_is_told_by_a_replica_that_gets_there_and_else_by_the_primary(
    log: Log, pair: Pair
) -> None:
    story = Story()
    await log.append(story.next())
    pair.catch_up()
    assert len(await log.events_of(story.case.case_id, at=await log.head())) == 1
    assert taken_over(log) == 1
    pause(pair)
    await log.append(story.next())

    assert len(await log.events_of(story.case.case_id, at=await log.head())) == 2
    assert taken_over(log) == 1

    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(say, pair.standby, "SELECT pg_wal_replay_resume()"))
        reads = [group.create_task(log.events_of(story.case.case_id, at=await log.head())) for _ in range(3)]
    assert [len(read.result()) for read in reads] == [2, 2, 2]


async def test_without_a_position_a_case_is_read_where_it_is_written(log: Log, pair: Pair) -> None:
    story = Story()
    await log.append(story.next())
    pair.catch_up()

    assert len(await log.events_of(story.case.case_id)) == 1
    assert taken_over(log) == 0


async def test_a_replica_that_has_not_heard_of_the_epoch_is_not_asked(pair: Pair) -> None:
    async with a_log_with_replica(pair) as log:
        await log.append(Story().next())
    pause(pair)
    engine = open_engine(pair.url)
    began_after = await begin_epoch(engine)
    await engine.dispose()

    async with a_log_with_replica(pair) as log:
        assert (await log.page(began_after - 1, 1)).scanned_to == began_after
        assert taken_over(log) == 0


def test_a_client_sees_every_event_once_in_order_however_the_replica_lags(pair: Pair) -> None:
    with Service(pair.url, replica_url=pair.standby.url(pair.name)) as service:
        cursor = service.reader.read("/v1/events/head")["cursor"]
        employer, seen, expected = Employer(service.staff), [], []
        for round_ in range(8):
            say(pair.standby, f"SELECT pg_wal_replay_{'pause' if round_ % 4 == 1 else 'resume'}()")
            expected += [employer.do_next() for _ in range(3)]
            case = service.staff.read(employer.path, min_position=expected[-1])
            assert case["version"] == len(expected)
            answer = service.reader.get("/v1/events", params={"after": cursor, "limit": 2})
            seen += [event["position"] for event in answer.json()]
            cursor = answer.headers["next-cursor"]
        while more := service.reader.get("/v1/events", params={"after": cursor, "limit": 5}).json():
            seen += [event["position"] for event in more]
            cursor = f"{cursor.partition('.')[0]}.{more[-1]['position']}"

        told = service.nobody.get("/metrics").text
        assert float(told.partition("\nsecor_workflow_replica_reads_total ")[2].split()[0]) > 0
        head = service.reader.read("/v1/events/head")["position"]
        assert seen == list(range(seen[0], head + 1))  # the clock acts too
        assert {*expected} <= {*seen}


async def test_a_replica_that_is_away_is_not_waited_for(log: Log, pair: Pair) -> None:
    before = await log.head()
    await log.append(Story().next())
    pair.catch_up()
    pair.standby.stop("immediate")
    try:
        for _ in range(3):
            assert (await log.page(before, 1)).scanned_to == before + 1
        assert taken_over(log) == 0
    finally:
        pair.standby.start()


def test_a_replica_is_postgresql_s() -> None:
    with pytest.raises(ValueError, match="a replica is PostgreSQL's"):
        Settings(replica_url="sqlite:///copy.db")
