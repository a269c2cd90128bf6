"""`verify` names every kind of damage and is silent on a healthy log; `rebuild` mends the read model at any time."""

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.database.direct import Question, driver_of
from secor_workflow.database.engine import exclusive
from secor_workflow.database.moment import one_moment
from secor_workflow.database.tables import cases, events
from secor_workflow.log.append import Appended
from secor_workflow.log.envelope import read
from secor_workflow.log.histories import Reading, telling
from secor_workflow.log.log import Log
from secor_workflow.log.read_model import row_told
from secor_workflow.log.upkeep import rebuild, verify
from workflow.log.stories import POLICIES, STAFF, Story, registration

UNLOCK = {
    "sqlite": ["DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete", "DROP TRIGGER events_no_replace"],
    "postgresql": ["DROP TRIGGER events_append_only ON events"],
}
STRAY = """SELECT '{stray}', 'Closed', 1, 1, worksafebc_account, legal_name, search, NULL, false, NULL
FROM cases WHERE position = 6"""
DAMAGE = {
    "a missing event": ("DELETE FROM events WHERE position = 3", "positions have a gap"),
    "a missing first event": ("DELETE FROM events WHERE position = 1", "positions have a gap"),
    "a log that does not begin at 1": ("UPDATE events SET position = position - 1", "positions have a gap"),
    "a version left out": ("UPDATE events SET version = 9 WHERE position = 6", "versions have a gap"),
    "a first version left out": ("UPDATE events SET version = 9 WHERE position = 1", "versions have a gap"),
    "a text with another version": (
        "UPDATE events SET body = replace(body, '\"caseversion\":3', '\"caseversion\":4')",
        "names another version",
    ),
    "a text with another position": (
        "UPDATE events SET body = replace(body, '{\"position\":4,', '{\"position\":5,')",
        "names another position",
    ),
    "a text of another case": (
        "UPDATE events SET body = (SELECT body FROM events WHERE position = 4) WHERE position = 3",
        "names another case_id",
    ),
    "a text of another actor": (
        "UPDATE events SET actor = 'staff-2' WHERE position = 4",
        "names another actor",
    ),
    "a text that is cut off": ("UPDATE events SET body = substr(body, 1, 100) WHERE position = 4", "does not fold"),
    "a text that is no event": ("UPDATE events SET body = 'null' WHERE position = 4", "the text is JSON, but no event"),
    "a wrong state": ("UPDATE cases SET state = 'Certified' WHERE position = 6", "the read model is not the log's"),
    "a wrong day": ("UPDATE cases SET next_due = NULL", "the read model is not the log's"),
    "a missing row": ("DELETE FROM cases WHERE position = 6", "the read model is not the log's"),
    "a row without events": (f"INSERT INTO cases {STRAY}", "the log has no event"),
}


REFUSING = (
    """CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused'; END $$""",
    "CREATE TRIGGER none BEFORE INSERT ON cases FOR EACH STATEMENT EXECUTE FUNCTION refuse_row()",
)


async def told(log: Log) -> None:
    """Two cases of three events each: positions 1, 3, 5 and 2, 4, 6."""
    stories = [Story(), Story()]
    for _ in range(3):
        for story in stories:
            await log.append(story.next())


async def damaged(log: Log, engine_kind: str, statement: str) -> None:
    stray = "0" * 32 if engine_kind == "sqlite" else "00000000-0000-0000-0000-000000000000"
    async with exclusive(log.engine) as connection:
        for each in (*UNLOCK[engine_kind], statement.replace("{stray}", stray)):
            await connection.exec_driver_sql(each)


async def faults(log: Log) -> list[str]:
    return await verify(log, POLICIES, lambda _done, _of: None)


async def rows(log: Log) -> list[Mapping[str, Any]]:
    return [dict(row) for row in await log.rows(limit=1000)]


async def test_a_healthy_log_has_no_fault(log: Log) -> None:
    assert await faults(log) == []
    await told(log)
    assert await faults(log) == []


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_found(log: Log, engine_kind: str, damage: str) -> None:
    statement, fault = DAMAGE[damage]
    await told(log)

    await damaged(log, engine_kind, statement)

    assert fault in "\n".join(await faults(log))


async def test_the_progress_ends_with_all_done(log: Log) -> None:
    await told(log)
    seen: list[tuple[int, int]] = []

    await verify(log, POLICIES, lambda done, of: seen.append((done, of)))
    await rebuild(log, POLICIES, lambda done, of: seen.append((done, of)))

    assert seen == [(1, 2), (2, 2)] * 2


@pytest.mark.parametrize("damage", ["a wrong state", "a wrong day", "a missing row", "a row without events"])
async def test_rebuilding_mends_the_read_model(log: Log, engine_kind: str, damage: str) -> None:
    await told(log)
    before = await rows(log)
    await damaged(log, engine_kind, DAMAGE[damage][0])

    assert await rebuild(log, POLICIES, lambda _done, _of: None) == 2

    assert await rows(log) == before
    assert await faults(log) == []


async def test_the_read_model_is_mended_while_appends_go_on(rooms: Rooms) -> None:
    stop = asyncio.Event()

    async def register() -> int:
        number = 0
        while not stop.is_set():
            await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))
            number += 1
        return number

    await asyncio.gather(*(rooms.handler.handle(None, Ask(actor=STAFF, wish=registration())) for _ in range(50)))
    async with exclusive(rooms.log.engine) as connection:
        await connection.execute(sa.text("UPDATE cases SET state = 'Certified', next_due = NULL"))
    writers = [asyncio.create_task(register()) for _ in range(8)]

    for _ in range(5):
        await rebuild(rooms.log, POLICIES, lambda _done, _of: None)
        assert await faults(rooms.log) == []

    stop.set()
    written = sum(await asyncio.gather(*writers))
    assert written > 0
    assert len(await rows(rooms.log)) == 50 + written
    assert await faults(rooms.log) == []


async def test_who_looks_at_one_moment_keeps_nobody_from_writing(log: Log) -> None:
    await told(log)
    async with one_moment(log.engine) as connection:
        before = await connection.scalar(sa.select(sa.func.max(events.c.position)))

        assert await log.append(Story().next()) == Appended(7)

        assert await connection.scalar(sa.select(sa.func.max(events.c.position))) == before == 6


@pytest.mark.parametrize("looked_through", range(1, 8))
async def test_rows_are_told_alike_wherever_a_page_ends(log: Log, looked_through: int) -> None:
    await told(log)

    async with log.engine.connect() as connection:
        rows = [
            row_told(history[0][0], [read(type_, body) for *_, type_, body in history], POLICIES)
            async for history in Reading(connection).histories(telling(log.engine, looked_through))
        ]
        written = (await connection.execute(sa.select(cases).order_by(cases.c.case_id))).mappings()

        assert sorted(rows, key=lambda row: str(row["case_id"])) == [dict(row) for row in written]


async def test_who_reads_on_after_an_error_is_told_the_first_one(log: Log) -> None:
    no_column: sa.ColumnClause[int] = sa.literal_column("no_such_column")
    async with log.engine.connect() as connection:
        reading = Reading(connection)
        with pytest.raises(DBAPIError, match="no_such_column"):
            await anext(reading.histories(Question(log.engine, sa.select(no_column))))

        with pytest.raises(DBAPIError, match="no_such_column"):
            async with reading.turn():
                raise AssertionError("nobody gets here")


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_rows_that_are_refused_break_a_rebuild_once(log: Log) -> None:
    unheard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: unheard.append(str(told["message"])))
    await log.append_all([Story().next() for _ in range(1200)])
    async with exclusive(log.engine) as connection:
        for statement in REFUSING:
            await connection.exec_driver_sql(statement)

    with pytest.raises(DBAPIError, match="refused"):
        await rebuild(log, POLICIES, lambda _done, _of: None, looked_through=100)

    gc.collect()
    assert unheard == []


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_what_broke_it_is_told_though_the_connection_is_gone(log: Log) -> None:
    async def broken_off() -> None:
        async with exclusive(log.engine) as connection:
            (await driver_of(connection)).terminate()
            raise LookupError("the first cause")

    with pytest.raises(LookupError, match="the first cause"):
        await broken_off()
