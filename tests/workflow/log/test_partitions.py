"""A log cut into partitions is the same log: nothing is rewritten, nobody notices; its oldest part can be archived."""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from databases import PostgresServer
from secor_workflow.database.engine import exclusive, is_away, open_engine
from secor_workflow.database.migrate import grant
from secor_workflow.database.tables import events
from secor_workflow.domain.commands import Close
from secor_workflow.log.append import Appended, Conflict, Duplicate
from secor_workflow.log.archives import ArchivedCaseError, ArchivedPositionError
from secor_workflow.log.archiving import CannotBeDoneError, attach, detach
from secor_workflow.log.log import Log
from secor_workflow.log.partitions import Partition, partitions_of, prepare
from secor_workflow.log.upkeep import rebuild, verify
from workflow.log.services import a_log
from workflow.log.stories import POLICIES, Story

SIZE = 10
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def unseen(_done: int, _of: int) -> None:
    """Nobody watches the progress."""


async def grow(log: Log, to: int, story: Story | None = None) -> Story:
    """One case more, or the same, as long as it takes to come to a position."""
    story = story or Story()
    while await log.head() < to:
        assert isinstance(await log.append(story.next()), Appended)
    return story


async def close(log: Log, story: Story) -> None:
    assert isinstance(await log.append(story.next(Close(reason="duplicate"))), Appended)


async def sound(log: Log) -> bool:
    return await verify(log, POLICIES, unseen) == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def log(postgres_log_url: str) -> AsyncIterator[Log]:
    async with a_log(postgres_log_url) as opened:
        yield opened


@pytest.fixture
async def parted(log: Log) -> Log:
    """Positions 1 to 10 are a closed case's, 11 is an open one's; partitions end at 10, 20, 30, 40."""
    story = await grow(log, 3)
    await prepare(log.engine, size=SIZE, ahead=2)
    await grow(log, 9, story)
    await close(log, story)
    await log.append(Story().next())
    return log


async def test_the_table_becomes_the_first_partition_as_it_is(log: Log) -> None:
    story = await grow(log, 7)
    before = await log.page(0, 100)
    async with log.engine.connect() as connection:
        file = await connection.scalar(sa.text("SELECT pg_relation_filenode('events')"))

    made = await prepare(log.engine, size=SIZE, ahead=2)

    assert made == [
        Partition("events_from_1", 1, 20),
        Partition("events_from_21", 21, 30),
        Partition("events_from_31", 31, 40),
    ]
    async with log.engine.connect() as connection:
        assert await connection.scalar(sa.text("SELECT pg_relation_filenode('events_from_1')")) == file
    assert await log.page(0, 100) == before
    await grow(log, 25, story)  # over the seam, by a process that ran all the while
    assert [json.loads(text)["position"] for text in (await log.page(0, 100)).texts] == list(range(1, 26))
    assert len(await log.events_of(story.case.case_id)) == 25
    assert await sound(log)


async def test_preparing_again_makes_what_is_missing(log: Log) -> None:
    made = await prepare(log.engine, size=SIZE, ahead=2)
    await grow(log, 11)

    again = await prepare(log.engine, size=SIZE, ahead=2)

    assert [(one.first, one.last) for one in made] == [(1, 10), (11, 20)]
    assert [(one.first, one.last) for one in again] == [(1, 10), (11, 20), (21, 30), (31, 40)]
    assert await prepare(log.engine, size=SIZE, ahead=2) == again


async def test_where_nobody_prepared_enough_nothing_is_written_and_it_is_an_outage(log: Log) -> None:
    await prepare(log.engine, size=SIZE, ahead=1)
    story = await grow(log, 10)

    with pytest.raises(DBAPIError, match="no partition") as full:
        await log.append(story.next())

    assert is_away(full.value)
    await prepare(log.engine, size=SIZE, ahead=1)
    await grow(log, 12)


async def test_what_was_broken_off_is_begun_again(log: Log) -> None:
    await grow(log, 3)
    async with log.engine.begin() as connection:
        left = "ALTER TABLE events ADD CONSTRAINT events_first_partition CHECK (position < 100) NOT VALID"
        await connection.exec_driver_sql(left)

    assert (await prepare(log.engine, size=SIZE, ahead=1))[0] == Partition("events_from_1", 1, 10)


async def test_what_is_used_in_one_partition_is_used_in_all(parted: Log) -> None:
    other, story = Story(), Story()
    assert isinstance(await parted.append(story.next(key="once")), Appended)
    rival = story.rival()
    await grow(parted, 25, story)
    twice = other.next(key="once")

    assert await parted.append(twice) == Duplicate()
    assert await parted.append(rival) == Conflict()
    assert await parted.append(Story(story.account).next()) == Conflict()
    assert (await parted.recorded(twice.actor, "once")) is not None
    assert await parted.position_of_event(rival.event_id) is None


async def test_the_database_itself_refuses_what_is_there_in_another_partition(parted: Log) -> None:
    story = Story()
    await parted.append(story.next(key="once"))
    await grow(parted, 25, story)
    fresh = {"event_id": uuid4(), "case_id": uuid4(), "idempotency_key": "another"}

    for same in fresh:
        own = {name: value for name, value in fresh.items() if name != same} | {"position": 26}
        columns = [sa.literal(own[one.name]).label(one.name) if one.name in own else one for one in events.c]
        copied = sa.select(*columns).where(events.c.idempotency_key == "once")
        with pytest.raises(DBAPIError, match="is in the log already"):
            async with exclusive(parted.engine) as connection:
                await connection.execute(sa.insert(events).from_select(events.c.keys(), copied))
    assert await parted.head() == 25


async def test_every_partition_is_append_only(parted: Log) -> None:
    for table in ("events", "events_from_1", "events_from_11"):
        for change in ("UPDATE {} SET body = '{{}}'", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(DBAPIError, match="append-only"):
                async with exclusive(parted.engine) as connection:
                    await connection.exec_driver_sql(change.format(table))


async def test_the_restricted_role_appends_through_the_log_s_name_alone(
    postgres: PostgresServer, postgres_log_url: str
) -> None:
    role = f"app_{secrets.token_hex(4)}"
    engine = open_engine(postgres_log_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    await grant(engine, role)
    await prepare(engine, size=SIZE, ahead=2)
    await engine.dispose()
    url = sa.make_url(postgres_log_url).set(username=role, password="secret").render_as_string(hide_password=False)

    async with a_log(url) as log:
        await grow(log, 15)
        assert await sound(log)
        for statement in ("INSERT INTO events_from_1 SELECT * FROM events", "SELECT * FROM events_from_11"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with exclusive(log.engine) as connection:
                    await connection.exec_driver_sql(statement)


async def test_an_archive_is_the_feed_line_by_line_and_goes_back_as_it_was(parted: Log, tmp_path: Path) -> None:
    before = await parted.page(0, 100)

    archive = await detach(parted.engine, tmp_path, NOW, unseen)

    file = tmp_path / archive.name
    lines = file.read_text("utf-8").splitlines()
    assert [json.dumps(json.loads(line)["event"]) for line in lines] == [
        json.dumps(json.loads(text)) for text in before.texts[:10]
    ]
    assert archive.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert names_in(tmp_path) == ["secor-events-000000000001-000000000010.ndjson"]
    await attach(parted.engine, file, unseen)
    assert await parted.page(0, 100) == before
    assert await sound(parted)
    with pytest.raises(DBAPIError, match="append-only"):
        async with exclusive(parted.engine) as connection:
            await connection.exec_driver_sql("DELETE FROM events_from_1")


async def test_an_open_case_keeps_its_events_in_the_log(log: Log, tmp_path: Path) -> None:
    await prepare(log.engine, size=SIZE, ahead=2)
    story = await grow(log, 12)

    with pytest.raises(CannotBeDoneError, match=f"open have events in positions 1 to 10: {story.case.case_id}"):
        await detach(log.engine, tmp_path, NOW, unseen)

    assert names_in(tmp_path) == []
    assert len((await log.page(0, 100)).texts) == 12


async def test_only_a_full_partition_of_a_log_that_was_cut_is_taken_out(log: Log, tmp_path: Path) -> None:
    with pytest.raises(CannotBeDoneError, match="partitions prepare"):
        await detach(log.engine, tmp_path, NOW, unseen)
    await prepare(log.engine, size=SIZE, ahead=1)
    with pytest.raises(CannotBeDoneError, match="is the one that is being written"):
        await detach(log.engine, tmp_path, NOW, unseen)


async def test_after_a_part_was_taken_out_the_log_goes_on_and_knows_its_beginning(parted: Log, tmp_path: Path) -> None:
    archive = await detach(parted.engine, tmp_path, NOW, unseen)
    another = Log(parted.engine)  # which has nothing in memory

    for after in (0, 9):
        for types in ([], ["StandingRecorded"]):
            with pytest.raises(ArchivedPositionError) as page:
                await parted.page(after, 100, types=types)
            assert (page.value.begins_after, page.value.names) == (10, (archive.name,))
        with pytest.raises(ArchivedPositionError):
            await another.rows_after(after, 100)
    assert len((await parted.page(10, 100)).texts) == 1
    await grow(parted, 25)
    assert len((await parted.page(10, 100)).texts) == 15
    assert await sound(parted)
    assert await rebuild(parted, POLICIES, unseen) == 2
    assert await sound(parted)


async def test_a_case_that_was_taken_out_says_where_it_is(parted: Log, tmp_path: Path) -> None:
    [case_id] = {json.loads(text)["subject"] for text in (await parted.page(0, 10)).texts}
    archive = await detach(parted.engine, tmp_path, NOW, unseen)

    with pytest.raises(ArchivedCaseError) as told:
        await parted.case(case_id)

    assert told.value.names == (archive.name,)
    assert len(await parted.rows(limit=10)) == 2  # it is still found


async def test_partitions_go_out_and_come_back_in_order(parted: Log, tmp_path: Path) -> None:
    story = await grow(parted, 11)
    first = await detach(parted.engine, tmp_path, NOW, unseen)
    await grow(parted, 21, story)
    with pytest.raises(CannotBeDoneError, match="open"):
        await detach(parted.engine, tmp_path, NOW, unseen)
    async with exclusive(parted.engine) as connection:
        await connection.exec_driver_sql("UPDATE cases SET state = 'Closed'")
    second = await detach(parted.engine, tmp_path, NOW, unseen)

    with pytest.raises(CannotBeDoneError, match=f"newest archive goes back first: {second.name}"):
        await attach(parted.engine, tmp_path / first.name, unseen)
    await attach(parted.engine, tmp_path / second.name, unseen)
    altered = tmp_path / first.name
    altered.write_bytes(altered.read_bytes().replace(b"Heron", b"Egret"))
    with pytest.raises(CannotBeDoneError, match="not the file that was written"):
        await attach(parted.engine, altered, unseen)
    async with parted.engine.connect() as connection:
        assert [one.first for one in await partitions_of(connection)] == [11, 21]


async def test_keys_of_an_archived_case_come_back_with_it(log: Log, tmp_path: Path) -> None:
    await prepare(log.engine, size=SIZE, ahead=2)
    story = Story()
    append = story.next(key='a "quoted",\\"event":{ key')
    await log.append(append)
    await grow(log, 9, story)
    await close(log, story)
    await grow(log, 11)
    archive = await detach(log.engine, tmp_path, NOW, unseen)
    assert await log.recorded(append.actor, append.idempotency_key or "") is None

    await attach(log.engine, tmp_path / archive.name, unseen)

    recorded = await log.recorded(append.actor, append.idempotency_key or "")
    assert recorded is not None
    assert (recorded.event.event_id, recorded.request_digest) == (append.event_id, "digest")
