"""Appending: the concurrent appends of a process are committed together, with one outcome for each."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.direct import Question, Writer, write_rows
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
    text: str = field(default="", repr=False, compare=False)
    """The event at its place."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The case has moved on; read it again and decide again."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The caller's idempotency key is already in the log."""


Outcome = Appended | Conflict | Duplicate

MOST_AT_ONCE = 500
FEW = 8
"""So few are always written at once: a commit costs more than they do."""
_CLOSED: sa.ColumnClause[str] = sa.literal_column("'Closed'")
"""As a parameter, it would keep the index of open cases from being used."""


@dataclass(slots=True)
class _Group:
    """Appends whose caller waits for all of them."""

    appends: Sequence[Append]
    told: asyncio.Future[list[Outcome | Exception]]


class AppendQueue:
    """Gathers appends while a commit is running; the running commit is the only delay.

    A caller that goes away does not cancel its neighbours, and what the database refuses for one event fails only
    that one.
    """

    def __init__(self, engine: AsyncEngine, committed: Callable[[Sequence[tuple[Append, Appended]]], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._question = Question(engine, _question(engine))
        self._groups: deque[_Group] = deque()
        self._writer: asyncio.Task[None] | None = None
        self.waiting = 0
        """How many appends wait for the commit that is running."""
        self._sizes = 0, 0
        """How many the last two commits wrote."""
        self.tally = Appends()

    async def append(self, append: Append) -> Outcome:
        """Write one event; returns when it is durable, or with the reason why it was not written."""
        [outcome] = await self.append_all((append,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def append_all(self, appends: Sequence[Append]) -> list[Outcome | Exception]:
        """Write events of different cases, each as if it were alone: what became of it, or why that is not known."""
        group = _Group(appends, asyncio.get_running_loop().create_future())
        self._groups.append(group)
        self.waiting += len(appends)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="append-queue")
        return await group.told

    async def finish(self) -> None:
        """Wait until all that was accepted is written."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._groups:  # some may come while the connection is given back
            async with Writer(self._engine) as writer:
                while self._groups:
                    groups = self._next()
                    batch = [append for group in groups for append in group.appends]
                    _settle(groups, iter(await self._outcomes(writer, batch)))

    async def _outcomes(self, writer: Writer, batch: list[Append]) -> Sequence[Outcome | Exception]:
        try:
            return await self._commit(writer, batch)
        except Exception as error:  # noqa: BLE001 (each caller gets it as its own)
            self.tally.failures += 1
            if len(batch) == 1 or is_away(error):
                return [error] * len(batch)
            return await self._one_by_one(writer, batch)

    def _next(self) -> list[_Group]:
        """Those that have waited longest.

        Many, few, many, few: then nearly all callers wait for the same commit, again and again, and nobody asks for
        anything while the database writes. They are parted in halves once, and stay so.
        """
        before, last = self._sizes
        parted = self.waiting > FEW and 2 * last < before
        most = min(MOST_AT_ONCE, (last + self.waiting + 1) // 2 if parted else self.waiting)
        taken = [self._groups.popleft()]
        size = len(taken[0].appends)
        while self._groups and size + len(self._groups[0].appends) <= most:
            taken.append(self._groups.popleft())
            size += len(taken[-1].appends)
        self.waiting -= size
        self._sizes = last, size
        return taken

    async def _one_by_one(self, writer: Writer, batch: list[Append]) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for append in batch:
            try:
                outcomes += await self._commit(writer, [append])
            except Exception as error:  # noqa: BLE001 (each caller gets its own)
                if is_away(error):
                    return outcomes + [error] * (len(batch) - len(outcomes))
                outcomes.append(error)
        return outcomes

    async def _commit(self, writer: Writer, batch: list[Append]) -> list[Outcome]:
        began = time.perf_counter()
        async with writer.transaction() as connection:
            locked = time.perf_counter()
            standing = await self._standing(connection, batch)
            outcomes = [_placed(append, standing) for append in batch]
            written = [
                (append, outcome)
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
    return Appended(standing.head, placed(append.text, standing.head))


def _rows(written: list[tuple[Append, Appended]]) -> Iterator[Row]:
    """All that is written with some events: their own rows, their cases' and what stands beside them."""
    for append, done in written:
        yield Row(events, _event_row(append, done))
        case_row = append.row | {"case_id": append.case_id, "version": append.version, "position": done.position}
        yield Row(cases, case_row, replaces=True)
        yield from (part for part in append.beside if isinstance(part, Row))


def _event_row(append: Append, done: Appended) -> dict[str, Any]:
    return {
        "position": done.position,
        "case_id": append.case_id,
        "version": append.version,
        "event_id": append.event_id,
        "type": append.type,
        "actor": append.actor,
        "idempotency_key": append.idempotency_key,
        "request_digest": append.request_digest,
        "body": done.text,
    }


def _settle(groups: Sequence[_Group], outcomes: Iterator[Outcome | Exception]) -> None:
    for group in groups:
        told = list(islice(outcomes, len(group.appends)))
        if not group.told.done():  # its caller may have gone away
            group.told.set_result(told)
