"""Checking the whole log, and writing the read model anew from it."""

from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.engine import exclusive, upsert
from secor_workflow.database.tables import cases, events
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.policy import Policies
from secor_workflow.log.envelope import read
from secor_workflow.log.log import Log
from secor_workflow.log.read_model import case_row

Progress = Callable[[int, int], None]
_PAGE = 1000


class _Stored(NamedTuple):
    """An event as its row has it."""

    case_id: UUID
    version: int
    position: int
    event_id: UUID
    actor: str
    type: str
    body: str


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
    position = events.c.position
    found = await connection.execute(sa.select(sa.func.count(), sa.func.min(position), sa.func.max(position)))
    count, first, last = found.one()
    dense = count == 0 or (first, last) == (1, count)
    return [] if dense else [f"{count} events, but from position {first} to {last}: positions have a gap"]


def _faults_of(case_id: UUID, history: list[_Stored], row: dict[str, Any] | None, policies: Policies) -> list[str]:
    faults = []
    if [stored.version for stored in history] != list(range(1, len(history) + 1)):
        faults.append(f"case {case_id}: versions have a gap")
    try:
        expected = _row(case_id, history, policies)
        told = [(stored, _told(read(stored.type, stored.body), stored)) for stored in history]
    except (ValueError, LookupError, AssertionError) as error:
        return [*faults, f"case {case_id}: does not fold: {error}"]
    faults += [
        f"case {case_id}: the text at position {stored.position} names another {name} than its row"
        for stored, text in told
        for name in _Stored._fields
        if getattr(stored, name) != getattr(text, name)
    ]
    if row != expected:
        faults.append(f"case {case_id}: the read model is not the log's; run `secor-workflow rebuild`")
    return faults


def _told(event: Event, stored: _Stored) -> _Stored:
    """The row that belongs to an event's text."""
    return _Stored(event.case_id, event.version, event.position, event.event_id, event.actor, event.type, stored.body)


def _row(case_id: UUID, history: list[_Stored], policies: Policies) -> dict[str, Any]:
    case = fold(case_id, [read(stored.type, stored.body) for stored in history])
    return {**case_row(case, policies), "case_id": case_id, "version": case.version, "position": case.position}


async def _cases(connection: AsyncConnection) -> AsyncIterator[tuple[UUID, list[_Stored]]]:
    """Every case with its events; a page of cases in memory at a time."""
    last: UUID | None = None
    while True:
        query = sa.select(events.c.case_id).distinct().order_by(events.c.case_id).limit(_PAGE)
        ids = list(await connection.scalars(query if last is None else query.where(events.c.case_id > last)))
        if not ids:
            return
        columns = [events.c[name] for name in _Stored._fields]
        wanted = sa.select(*columns).where(events.c.case_id.in_(ids)).order_by(events.c.case_id, events.c.version)
        histories: dict[UUID, list[_Stored]] = {}
        for row in await connection.execute(wanted):
            histories.setdefault(row.case_id, []).append(_Stored(*row))
        for case_id, history in histories.items():
            yield case_id, history
        last = ids[-1]
