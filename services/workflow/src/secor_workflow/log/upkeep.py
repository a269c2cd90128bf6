"""Checking the whole log, and writing the read model anew from it."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.engine import exclusive, upsert
from secor_workflow.database.tables import cases, events
from secor_workflow.domain.case import fold
from secor_workflow.domain.events import Event
from secor_workflow.domain.policy import Policies
from secor_workflow.log.envelope import read
from secor_workflow.log.log import Log
from secor_workflow.log.read_model import case_row

Progress = Callable[[int, int], None]
_PAGE = 1000


async def verify(log: Log, policies: Policies, progress: Progress) -> list[str]:
    """What is wrong: positions or versions with a gap, events that do not fold, rows that are not the log's."""
    async with exclusive(log.engine) as connection:  # nothing is written meanwhile, so all of it is of one moment
        faults = await _gaps(connection)
        rows = {row["case_id"]: dict(row) for row in (await connection.execute(sa.select(cases))).mappings()}
        total = len(rows)
        done = 0
        async for case_id, history in _cases(connection):
            faults += _faults_of(case_id, history, rows.pop(case_id, None), policies)
            progress(done := done + 1, max(total, done))
        faults += [f"case {case_id}: the read model has a row, the log has no event" for case_id in rows]
    return faults


async def rebuild(log: Log, policies: Policies, progress: Progress) -> int:
    """Write every case's row anew, in one transaction; returns how many."""
    async with exclusive(log.engine) as connection:
        total = int(await connection.scalar(sa.select(sa.func.count()).where(events.c.version == 1)) or 0)
        await connection.execute(sa.delete(cases))
        done = 0
        async for case_id, history in _cases(connection):
            await connection.execute(upsert(log.engine, cases), _row(case_id, history, policies))
            progress(done := done + 1, total)
    return done


async def _gaps(connection: AsyncConnection) -> list[str]:
    count, last = (await connection.execute(sa.select(sa.func.count(), sa.func.max(events.c.position)))).one()
    return [] if count == (last or 0) else [f"{count} events, but the last position is {last}: positions have a gap"]


def _faults_of(
    case_id: UUID, history: list[tuple[int, str, str]], row: dict[str, Any] | None, policies: Policies
) -> list[str]:
    try:
        expected = _row(case_id, history, policies)
        parsed = _events(history)
    except (ValueError, LookupError, AssertionError) as error:
        return [f"case {case_id}: does not fold: {error}"]
    faults = []
    if [event.version for event in parsed] != list(range(1, len(parsed) + 1)):
        faults.append(f"case {case_id}: versions have a gap")
    if [event.position for event in parsed] != [position for position, _, _ in history]:
        faults.append(f"case {case_id}: an event's text names another position than its row")
    if row != expected:
        faults.append(f"case {case_id}: the read model is not the log's; run `secor-workflow rebuild`")
    return faults


def _row(case_id: UUID, history: list[tuple[int, str, str]], policies: Policies) -> dict[str, Any]:
    case = fold(case_id, _events(history))
    return {**case_row(case, policies), "case_id": case_id, "version": case.version, "position": case.position}


def _events(history: list[tuple[int, str, str]]) -> list[Event]:
    return [read(type_, text) for _, type_, text in history]


async def _cases(connection: AsyncConnection) -> AsyncIterator[tuple[UUID, list[tuple[int, str, str]]]]:
    """Every case with its events as position, type and text; a page of cases in memory at a time."""
    last: UUID | None = None
    while True:
        first = events.c.version == 1
        query = sa.select(events.c.case_id).where(first if last is None else first & (events.c.case_id > last))
        ids = list(await connection.scalars(query.order_by(events.c.case_id).limit(_PAGE)))
        if not ids:
            return
        wanted = (
            sa.select(events.c.case_id, events.c.position, events.c.type, events.c.body)
            .where(events.c.case_id.in_(ids))
            .order_by(events.c.case_id, events.c.version)
        )
        histories: dict[UUID, list[tuple[int, str, str]]] = {}
        for case_id, position, type_, body in await connection.execute(wanted):
            histories.setdefault(case_id, []).append((position, type_, body))
        for case_id, history in histories.items():
            yield case_id, history
        last = ids[-1]
