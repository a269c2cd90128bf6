"""Appending: the concurrent appends of a process are committed together, with one outcome for each."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.engine import exclusive, is_away, upsert
from secor_workflow.database.tables import cases, events, people
from secor_workflow.log.envelope import placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One event to be written after version `version - 1` of its case, with what stands beside it."""

    case_id: UUID
    version: int
    event_id: UUID
    type: str
    actor: str
    text: str
    """The event without its position."""
    row: dict[str, Any]
    """The case's row in the read model, but for version and position."""
    idempotency_key: str | None = None
    request_digest: str | None = None
    beside: Sequence[sa.Executable] = ()
    """Statements that stand or fall with the event: people and texts."""
    persons: frozenset[UUID] = frozenset()
    """Whom it speaks of; if one of them was erased meanwhile, it is a conflict."""


@dataclass(frozen=True, slots=True)
class Appended:
    position: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """The case has moved on; read it again and decide again."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The caller's idempotency key is already in the log."""


Outcome = Appended | Conflict | Duplicate

MOST_AT_ONCE = 500


class AppendQueue:
    """Gathers appends while a commit is running; the running commit is the only delay.

    A caller that goes away does not cancel its neighbours, and what the database refuses for one event fails only
    that one.
    """

    def __init__(self, engine: AsyncEngine, committed: Callable[[int], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._waiting: list[tuple[Append, asyncio.Future[Outcome]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, append: Append) -> Outcome:
        """Write one event; returns when it is durable, or with the reason why it was not written."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="append-queue")
        return await future

    async def finish(self) -> None:
        """Wait until all that was accepted is written."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                _settle(batch, await self._commit([append for append, _ in batch]))
            except Exception as error:  # noqa: BLE001 (each caller gets it as its own)
                if len(batch) == 1 or is_away(error):
                    _fail(batch, error)
                else:
                    await self._one_by_one(batch)

    async def _one_by_one(self, batch: list[tuple[Append, asyncio.Future[Outcome]]]) -> None:
        for i, (append, future) in enumerate(batch):
            try:
                _settle([(append, future)], await self._commit([append]))
            except Exception as error:  # noqa: BLE001 (each caller gets its own)
                _fail(batch[i:] if is_away(error) else [(append, future)], error)

    async def _commit(self, batch: list[Append]) -> list[Outcome]:
        async with exclusive(self._engine) as connection:
            head = await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0)))
            outcomes = await _place(connection, batch, int(head or 0))
            written = [
                (append, outcome.position)
                for append, outcome in zip(batch, outcomes, strict=True)
                if isinstance(outcome, Appended)
            ]
            if written:
                await connection.execute(sa.insert(events), [_event_row(*item) for item in written])
                await connection.execute(upsert(self._engine, cases), [_case_row(*item) for item in written])
                for append, _ in written:
                    for statement in append.beside:
                        await connection.execute(statement)
        if written:
            self._committed(written[-1][1])
        return outcomes


async def _place(connection: AsyncConnection, batch: list[Append], head: int) -> list[Outcome]:
    """Give each append the next position, unless the case moved on, its key was used, or its account is taken."""
    versions = await _versions(connection, {append.case_id for append in batch})
    used = await _used_keys(connection, {append.idempotency_key for append in batch if append.idempotency_key})
    taken = await _taken_accounts(
        connection, {append.row["worksafebc_account"] for append in batch if append.version == 1}
    )
    erased = await _erased(connection, {person for append in batch for person in append.persons})
    outcomes: list[Outcome] = []
    for append in batch:
        key = (append.actor, append.idempotency_key)
        account = append.row["worksafebc_account"]
        if append.idempotency_key and key in used:
            outcomes.append(Duplicate())
        elif (
            versions.get(append.case_id, 0) != append.version - 1
            or (append.version == 1 and account in taken)
            or append.persons & erased
        ):
            outcomes.append(Conflict())
        else:
            head += 1
            versions[append.case_id] = append.version
            used.add(key)
            if append.version == 1:
                taken.add(account)
            outcomes.append(Appended(head))
    return outcomes


async def _versions(connection: AsyncConnection, case_ids: set[UUID]) -> dict[UUID, int]:
    query = (
        sa.select(events.c.case_id, sa.func.max(events.c.version).label("version"))
        .where(events.c.case_id.in_(case_ids))
        .group_by(events.c.case_id)
    )
    found: dict[UUID, int] = {row.case_id: row.version for row in await connection.execute(query)}
    return found


async def _used_keys(connection: AsyncConnection, keys: set[str]) -> set[tuple[str, str | None]]:
    if not keys:
        return set()
    query = sa.select(events.c.actor, events.c.idempotency_key).where(events.c.idempotency_key.in_(keys))
    return {(actor, key) for actor, key in await connection.execute(query)}


async def _taken_accounts(connection: AsyncConnection, accounts: set[str]) -> set[str]:
    if not accounts:
        return set()
    query = sa.select(cases.c.worksafebc_account).where(
        cases.c.worksafebc_account.in_(accounts), cases.c.state != "Closed"
    )
    return {*(await connection.scalars(query))}


async def _erased(connection: AsyncConnection, persons: set[UUID]) -> set[UUID]:
    if not persons:
        return set()
    query = sa.select(people.c.person_id).where(people.c.person_id.in_(persons), people.c.erased_at.is_not(None))
    return {*(await connection.scalars(query))}


def _event_row(append: Append, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "case_id": append.case_id,
        "version": append.version,
        "event_id": append.event_id,
        "type": append.type,
        "actor": append.actor,
        "idempotency_key": append.idempotency_key,
        "request_digest": append.request_digest,
        "body": placed(append.text, position),
    }


def _case_row(append: Append, position: int) -> dict[str, Any]:
    return {**append.row, "case_id": append.case_id, "version": append.version, "position": position}


def _settle(batch: list[tuple[Append, asyncio.Future[Outcome]]], outcomes: list[Outcome]) -> None:
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        if not future.done():  # its caller may have gone away
            future.set_result(outcome)


def _fail(batch: list[tuple[Append, asyncio.Future[Outcome]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
