"""Checking the whole log, and writing the read model anew from it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.direct import write_rows
from secor_workflow.database.engine import Row, exclusive
from secor_workflow.database.tables import archived_cases, cases, events
from secor_workflow.domain.events import Event
from secor_workflow.domain.policy import Policies
from secor_workflow.log.archives import all_archived_cases, beginning
from secor_workflow.log.envelope import read
from secor_workflow.log.histories import ROW, WHOLE, Reading, Stored, read_model, telling, whole
from secor_workflow.log.log import Log
from secor_workflow.log.read_model import row_told

Progress = Callable[[int, int], None]
_WRITTEN_AT_ONCE = 1000


async def verify(log: Log, policies: Policies, progress: Progress) -> list[str]:
    """What is wrong: positions or versions with a gap, texts that are not their rows', rows that are not the log's."""
    async with exclusive(log.engine) as connection:  # nothing is written meanwhile, so all of it is of one moment
        faults, archived = await _gaps(connection), await all_archived_cases(connection)
        total = int(await connection.scalar(sa.select(sa.func.count()).select_from(cases)) or 0)
        done = 0
        async with aclosing(_with_rows(log, connection)) as all_cases:
            async for case_id, history, row in all_cases:
                if case_id in archived:
                    continue
                if not history:
                    faults.append(f"case {case_id}: the read model has a row, the log has no event")
                    continue
                faults += _faults_of(case_id, history, row, policies)
                progress(done := done + 1, max(total, done))
    return faults


async def rebuild(log: Log, policies: Policies, progress: Progress) -> int:
    """Write every case's row anew, in one transaction; returns how many."""
    async with exclusive(log.engine) as connection:
        total = int(await connection.scalar(sa.select(sa.func.count()).where(events.c.version == 1)) or 0)
        archived = await all_archived_cases(connection)  # their rows cannot be told anew, and change no more
        stays = sa.exists().where(archived_cases.c.case_id == cases.c.case_id)
        await connection.execute(sa.delete(cases).where(~stays))
        reading = Reading(connection)
        done, rows = 0, list[Row]()

        async def write() -> None:
            async with reading.turn:
                await write_rows(log.engine, connection, rows)
            rows.clear()

        async with aclosing(reading.histories(telling(log.engine))) as all_cases:
            async for history in all_cases:
                if history[0][0] in archived:
                    continue
                rows.append(Row(cases, row_told(history[0][0], _events(history), policies)))
                progress(done := done + 1, total)
                if len(rows) == _WRITTEN_AT_ONCE:
                    await write()
        await write()
    return done


async def _gaps(connection: AsyncConnection) -> list[str]:
    position = events.c.position
    found = await connection.execute(sa.select(sa.func.count(), sa.func.min(position), sa.func.max(position)))
    count, first, last = found.one()
    before = await beginning(connection)
    dense = (first, last) == (before + 1, before + count) if count else before == 0
    return [] if dense else [f"{count} events, but from position {first} to {last}: positions have a gap"]


async def _with_rows(
    log: Log, connection: AsyncConnection
) -> AsyncGenerator[tuple[UUID, list[Stored], dict[str, Any] | None], None]:
    """Every case with its events and its row in the read model; one of the two may be missing."""
    reading = Reading(connection)
    async with (
        aclosing(reading.histories(whole(log.engine))) as told,
        aclosing(reading.histories(read_model(log.engine))) as written,
    ):
        row = await anext(written, None)
        async for history in told:
            case_id = history[0][0]
            while row and row[0][0] < case_id:
                yield row[0][0], [], _named(row)
                row = await anext(written, None)
            if row and row[0][0] == case_id:
                yield case_id, history, _named(row)
                row = await anext(written, None)
            else:
                yield case_id, history, None
        while row:
            yield row[0][0], [], _named(row)
            row = await anext(written, None)


def _named(row: list[Stored]) -> dict[str, Any]:
    return dict(zip(ROW, row[0], strict=True))


def _faults_of(case_id: UUID, history: list[Stored], row: dict[str, Any] | None, policies: Policies) -> list[str]:
    faults = []
    if [version for _, version, *_ in history] != list(range(1, len(history) + 1)):
        faults.append(f"case {case_id}: versions have a gap")
    try:
        texts = _events(history)
        expected = row_told(case_id, texts, policies)
    except (ValueError, LookupError, AssertionError) as error:
        return [*faults, f"case {case_id}: does not fold: {error}"]
    for stored, event in zip(history, texts, strict=True):
        if (told := _told(event)) != tuple(stored[:-1]):
            faults += _differences(case_id, stored, told)
    if row != expected:
        faults.append(f"case {case_id}: the read model is not the log's; run `secor-workflow rebuild`")
    return faults


def _events(history: list[Stored]) -> list[Event]:
    return [read(type_, body) for *_, type_, body in history]


def _told(event: Event) -> Stored:
    """What stands in the row of an event, as its text tells it."""
    return event.case_id, event.version, event.position, event.event_id, event.actor, event.type


def _differences(case_id: UUID, stored: Stored, told: Sequence[object]) -> list[str]:
    return [
        f"case {case_id}: the text at position {stored[2]} names another {name} than its row"
        for name, mine, other in zip(WHOLE[:-1], stored, told, strict=False)
        if mine != other
    ]
