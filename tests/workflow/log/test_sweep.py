"""The clock does each thing once, whoever sweeps and however late, and looks only at what is due."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import cases
from secor_workflow.domain.commands import RecordTraining
from secor_workflow.log.upkeep import verify
from secor_workflow.sweep import sweep
from workflow.log.clerks import a_clerk
from workflow.log.services import a_service
from workflow.log.stories import COURSE, NOON, POLICIES, STAFF, naming, registration

YEARS_LATER = datetime(2031, 6, 1, 20, tzinfo=UTC)
CASES = 12


@pytest.fixture(autouse=True)
async def at_noon(rooms: Rooms) -> None:
    await rooms.clock.set(rooms.log.engine, NOON)


async def registered(rooms: Rooms) -> UUID:
    return (await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))).case.case_id


async def trained(rooms: Rooms) -> UUID:
    """A case whose training will lapse a year from now."""
    case_id = await registered(rooms)
    await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=naming()))
    training = RecordTraining(course=COURSE, completed_on=date(2026, 3, 1))
    await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=training))
    return case_id


async def recorded(rooms: Rooms) -> Counter[tuple[str, str, str | None]]:
    """What the clock did: case, event, deadline."""
    texts = (await rooms.log.page(0, 10_000)).texts
    events: list[dict[str, Any]] = [json.loads(text) for text in texts]
    return Counter(
        (event["subject"], event["type"].split(".")[-2], event["data"]["fact"].get("deadline"))
        for event in events
        if event["actor"] == "clock"
    )


def once_each(case_ids: Sequence[UUID]) -> Counter[tuple[str, str, str | None]]:
    """All that years of silence bring to trained cases."""
    missed = [(str(id_), "DeadlineMissed", name) for id_ in case_ids for name in ("student_audit", "sms", "idle")]
    return Counter([*missed, *((str(id_), "TrainingLapsed", None) for id_ in case_ids)])


async def test_nothing_is_due_on_the_day_itself(rooms: Rooms) -> None:
    await registered(rooms)  # a champion is due on 2026-04-01
    await rooms.clock.set(rooms.log.engine, datetime(2026, 4, 2, 6, 59, 50, tzinfo=UTC))
    assert rooms.clock.local_day(rooms.clock.now()) == date(2026, 4, 1)

    assert await sweep(rooms.handler) == 0


async def test_what_fell_due_is_recorded_once_the_day_is_over(rooms: Rooms) -> None:
    case_id = await registered(rooms)
    await rooms.clock.set(rooms.log.engine, datetime(2026, 4, 2, 7, tzinfo=UTC))

    assert await sweep(rooms.handler) == 1
    assert await sweep(rooms.handler) == 0

    assert await recorded(rooms) == Counter([(str(case_id), "DeadlineMissed", "name_champion")])


async def test_an_outage_of_years_is_caught_up_in_one_sweep(rooms: Rooms) -> None:
    case_ids = [await trained(rooms) for _ in range(CASES)]
    await rooms.clock.set(rooms.log.engine, YEARS_LATER)

    await sweep(rooms.handler)

    assert await recorded(rooms) == once_each(case_ids)
    assert await sweep(rooms.handler) == 0
    assert await verify(rooms.log, POLICIES, lambda _done, _of: None) == []


async def test_more_cases_than_one_look_finds_are_all_caught_up(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secor_workflow.sweep._AT_ONCE", 3)
    case_ids = [await registered(rooms) for _ in range(10)]
    await rooms.clock.set(rooms.log.engine, datetime(2026, 5, 1, tzinfo=UTC))

    assert await sweep(rooms.handler) == len(case_ids)


async def test_two_sweeps_at_once_record_everything_once(url: str, rooms: Rooms) -> None:
    case_ids = [await trained(rooms) for _ in range(CASES)]
    async with a_service(url) as other:
        for each in (rooms, other):
            await each.clock.set(each.log.engine, YEARS_LATER)

        sent = await asyncio.gather(sweep(rooms.handler), sweep(other.handler), sweep(rooms.handler))

    assert await recorded(rooms) == once_each(case_ids)
    assert sum(sent) == len(case_ids) * 4


async def test_two_processes_sweeping_at_once_record_everything_once(url: str, rooms: Rooms) -> None:
    case_ids = [await trained(rooms) for _ in range(CASES)]
    async with a_clerk(url) as clerk:
        await rooms.clock.set(rooms.log.engine, YEARS_LATER)
        answer, sent = await asyncio.gather(clerk.ask("sweep_at", now=YEARS_LATER.isoformat()), sweep(rooms.handler))

    assert await recorded(rooms) == once_each(case_ids)
    assert answer["sent"] + sent == len(case_ids) * 4


async def test_looking_for_what_is_due_uses_the_index(rooms: Rooms, engine_kind: str) -> None:
    usual = {"state": "Registered", "version": 1, "legal_name": "x", "search": "x", "overdue": False}
    rows = [
        {
            **usual, "case_id": uuid7(), "position": n, "worksafebc_account": f"{n:06}",
            "next_due": date(2030, 1, 1) if n % 1000 else date(2026, 1, 1),
        }
        for n in range(5000)
    ]  # fmt: skip
    async with exclusive(rooms.log.engine) as connection:
        await connection.execute(sa.insert(cases), rows)
        await connection.exec_driver_sql("ANALYZE")
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        rooms.log.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
    )

    assert len(await rooms.log.due_before(date(2026, 6, 1), 200)) == 5

    statement, parameters = asked[-1]
    explain = "EXPLAIN QUERY PLAN" if engine_kind == "sqlite" else "EXPLAIN"
    async with rooms.log.engine.connect() as connection:
        plan = str((await connection.exec_driver_sql(f"{explain} {statement}", parameters)).all())
    assert "cases_by_next_due" in plan
    assert "Seq Scan" not in plan
    assert "SCAN cases" not in plan
