"""Appending: the concurrent appends of a process are committed together, with one outcome for each."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.direct import Question, appending, write_rows
from secor_workflow.database.engine import Row, among, is_away
from secor_workflow.database.tables import cases, events
from secor_workflow.log.envelope import placed
from secor_workflow.tallies import Appends


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One event to be written after version `version - 1` of its case, with what stands beside it."""

    case_id: UUID
    version: int
    event_id: UUID
    follows: UUID | None = None
    """The event that the decision took for the case's newest; none before the first."""
    type: str
    actor: str
    text: str
    """The event without its position."""
    row: dict[str, Any]
    """The case's row in the read model, but for version and position."""
    idempotency_key: str | None = None
    request_digest: str | None = None
    beside: Sequence[Row | sa.Executable] = ()
    """What stands or falls with the event: rows of people and texts, and statements that erase."""


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
_CLOSED: sa.ColumnClause[str] = sa.literal_column("'Closed'")
"""As a parameter, it would keep the index of open cases from being used."""


class AppendQueue:
    """Gathers appends while a commit is running; the running commit is the only delay.

    A caller that goes away does not cancel its neighbours, and what the database refuses for one event fails only
    that one.
    """

    def __init__(self, engine: AsyncEngine, committed: Callable[[Sequence[tuple[Append, int]]], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._question = Question(engine, _question(engine))
        self._waiting: list[tuple[Append, asyncio.Future[Outcome]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.tally = Appends()

    @property
    def waiting(self) -> int:
        """How many appends wait for the commit that is running."""
        return len(self._waiting)

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
                self.tally.failures += 1
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
        began = time.perf_counter()
        async with appending(self._engine) as connection:
            locked = time.perf_counter()
            standing = await self._standing(connection, batch)
            outcomes = [_placed(append, standing) for append in batch]
            written = [
                (append, outcome.position)
                for append, outcome in zip(batch, outcomes, strict=True)
                if isinstance(outcome, Appended)
            ]
            if written:
                await write_rows(self._engine, connection, _rows(written))
                for append, _ in written:
                    for part in append.beside:
                        if not isinstance(part, Row):
                            await connection.execute(part)
        if written:
            self.tally.committed(len(written), began, locked)
            self._committed(written)
        return outcomes

    async def _standing(self, connection: AsyncConnection, batch: list[Append]) -> "_Standing":
        asked = {
            "case_ids": list({append.case_id for append in batch}),
            "keys": list({append.idempotency_key for append in batch if append.idempotency_key}),
            "accounts": list({append.row["worksafebc_account"] for append in batch if append.version == 1}),
        }
        standing = _Standing()
        for number, case_id, event_id, name, key in await self._question.ask_on(connection, asked):
            if case_id is not None:
                standing.newest[case_id] = number, event_id
            elif key is not None:
                standing.used.add((name, key))
            elif name is not None:
                standing.taken.add(name)
            else:
                standing.head = number or 0
        return standing


@dataclass(slots=True)
class _Standing:
    """How the log stands for a batch, and after each of its appends."""

    head: int = 0
    newest: dict[UUID, tuple[int, UUID | None]] = field(default_factory=dict)
    """Version and id of each case's newest event. Versions alone would not do: once a database that was behind took
    over, another event may have the version that a process remembers."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Who used which idempotency key."""
    taken: set[str] = field(default_factory=set)
    """Accounts that have an open case."""


def _question(engine: AsyncEngine) -> sa.CompoundSelect[Any]:
    """One statement for all that an append must know: head, newest events of its cases, used keys, taken accounts."""
    no_id, nothing, no_number = (sa.null().cast(kind) for kind in (sa.Uuid(), sa.Text(), sa.BigInteger()))
    newest = _newest_events(engine)
    return sa.union_all(
        sa.select(sa.func.max(events.c.position), no_id, no_id, nothing, nothing),
        sa.select(newest.c.version.cast(sa.BigInteger), newest.c.case_id, newest.c.event_id, nothing, nothing),
        sa.select(no_number, no_id, no_id, events.c.actor, events.c.idempotency_key).where(
            among(engine, events.c.idempotency_key, "keys")
        ),
        sa.select(no_number, no_id, no_id, cases.c.worksafebc_account, nothing).where(
            among(engine, cases.c.worksafebc_account, "accounts"), cases.c.state != _CLOSED
        ),
    )


def _newest_events(engine: AsyncEngine) -> sa.Subquery:
    """Of each case its newest event, which may lie in any partition: where one is asked for, one is looked up there."""
    columns = (events.c.version, events.c.case_id, events.c.event_id)
    if engine.dialect.name == "postgresql":
        ids = sa.bindparam("case_ids", type_=postgresql.ARRAY(sa.Uuid()))
        asked = sa.func.unnest(ids).table_valued(sa.column("case_id", sa.Uuid), name="asked").render_derived()
        one: sa.ColumnClause[int] = sa.literal_column("1")
        last = (
            sa.select(*columns).where(events.c.case_id == asked.c.case_id).order_by(events.c.version.desc()).limit(one)
        )
        newest = last.lateral("newest")
        return sa.select(newest).select_from(asked.join(newest, sa.true())).subquery()
    later = events.alias("later")
    version = sa.select(sa.func.max(later.c.version)).where(later.c.case_id == events.c.case_id).scalar_subquery()
    among_them = among(engine, events.c.case_id, "case_ids")
    return sa.select(*columns).where(among_them, events.c.version == version).subquery()


def _placed(append: Append, standing: _Standing) -> Outcome:
    """The next position, unless the case moved on, its key was used, or its account is taken."""
    account = append.row["worksafebc_account"]
    if append.idempotency_key and (append.actor, append.idempotency_key) in standing.used:
        return Duplicate()
    if standing.newest.get(append.case_id, (0, None)) != (append.version - 1, append.follows):
        return Conflict()
    if append.version == 1 and account in standing.taken:
        return Conflict()
    standing.head += 1
    standing.newest[append.case_id] = append.version, append.event_id
    if append.idempotency_key:
        standing.used.add((append.actor, append.idempotency_key))
    if append.version == 1:
        standing.taken.add(account)
    return Appended(standing.head)


def _rows(written: list[tuple[Append, int]]) -> Iterator[Row]:
    """All that is written with some events: their own rows, their cases' and what stands beside them."""
    for append, position in written:
        yield Row(events, _event_row(append, position))
        case_row = append.row | {"case_id": append.case_id, "version": append.version, "position": position}
        yield Row(cases, case_row, replaces=True)
        yield from (part for part in append.beside if isinstance(part, Row))


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


def _settle(batch: list[tuple[Append, asyncio.Future[Outcome]]], outcomes: list[Outcome]) -> None:
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        if not future.done():  # its caller may have gone away
            future.set_result(outcome)


def _fail(batch: list[tuple[Append, asyncio.Future[Outcome]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
