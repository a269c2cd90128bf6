"""The log: append, read a case, read a page, follow the head."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeVarTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.direct import Question
from secor_workflow.database.engine import among, reading
from secor_workflow.database.tables import cases, epochs, events
from secor_workflow.database.together import Together
from secor_workflow.database.whole import Whole
from secor_workflow.domain.case import Case
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold
from secor_workflow.log.append import Append, Appended, Outcome
from secor_workflow.log.archives import beginning, check_case, check_position
from secor_workflow.log.envelope import read
from secor_workflow.log.fresh import Fresh, Told
from secor_workflow.log.queue import AppendQueue
from secor_workflow.log.replica import PATIENCE_SECONDS, Replica
from secor_workflow.log.witness import Witness

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event found by its caller's idempotency key."""

    event: Event
    text: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """Events of the feed, verbatim, and the position up to which the log was looked through for them."""

    texts: tuple[str, ...]
    scanned_to: int


class BadCursorError(ValueError):
    """It has not the form of a cursor."""


class StaleCursorError(Exception):
    """A cursor of another epoch, or beyond the head; `last_common` is the last position that still holds."""

    def __init__(self, last_common: int) -> None:
        super().__init__(f"the cursor holds up to position {last_common} at most")
        self.last_common = last_common


_CURSOR = re.compile(r"([0-9a-f]{8})\.(0|[1-9][0-9]{0,17})", re.ASCII)
_LOOK_SECONDS = 0.1
_BETWEEN = (
    sa.select(events.c.body)
    .where(events.c.position > sa.bindparam("after"), events.c.position <= sa.bindparam("up_to"))
    .order_by(events.c.position)
)


def _histories(engine: AsyncEngine) -> sa.Select[UUID, str, str]:
    wanted = among(engine, events.c.case_id, "case_ids")
    return sa.select(events.c.case_id, events.c.type, events.c.body).where(wanted).order_by(events.c.version)


class Log:
    """One log in one database. Reads see whatever is committed: positions have no gap, so nothing can appear behind."""

    def __init__(self, engine: AsyncEngine, replica: AsyncEngine | None = None) -> None:
        self.engine = engine
        self.replica = Replica(replica) if replica else None
        self._reading = reading(engine)
        self._texts = Together(self._texts_of)
        self._histories, self._between = Question(engine, _histories(engine)), Question(engine, _BETWEEN)
        self._whole = Whole()
        self._witness = Witness(engine)
        self._fresh = Fresh()
        self._queue = AppendQueue(engine, self._committed)
        self._seen = 0
        self._moved = asyncio.Condition()
        self._waiting = 0
        self._looker: asyncio.Task[None] | None = None
        self.released = False
        self._epochs: tuple[tuple[str, int], ...] = ()

    async def open(self) -> None:
        """Read the epochs; the last one is in force."""
        query = sa.select(epochs.c.epoch, epochs.c.began_after).order_by(epochs.c.number)
        async with self._reading.connect() as connection:
            self._epochs = tuple((epoch, began_after) for epoch, began_after in await connection.execute(query))

    async def close(self) -> None:
        """Write what was accepted and stop looking."""
        self.release()
        await self._queue.finish()
        await self._texts.finish()
        if self._looker is not None:
            await self._looker  # it ends by itself: a query that is cut off would leave its connection behind
        await self._whole.finish()

    @property
    def queue(self) -> AppendQueue:
        """Through which appends go."""
        return self._queue

    async def append(self, append: Append) -> Outcome:
        """Write one event, durably, or say why not."""
        return await self._queue.append(append)

    async def append_all(self, appends: Sequence[Append]) -> list[Outcome | Exception]:
        """Write events of different cases, each as if it were alone."""
        return await self._queue.append_all(appends)

    # --- one case ---------------------------------------------------------------------------------------------------

    async def texts_of(self, case_id: UUID) -> list[tuple[str, str]]:
        """A case's events, oldest first, each as type and text."""
        return await self._texts.ask(case_id) or []

    async def _texts_of(self, case_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str]]]:
        told: dict[UUID, list[tuple[str, str]]] = {}
        for case_id, type_, body in await self._histories.ask(case_ids=case_ids):
            told.setdefault(case_id, []).append((type_, body))
        return told

    async def events_of(self, case_id: UUID, at: int | None = None) -> list[Event]:
        """A case's events: all, or, if a position is told, those up to it at least, which a replica may tell too.

        Raises ArchivedCaseError.
        """
        told = None if self.replica is None or at is None else await self._whole.ask(self._told_by(case_id, at))
        found = [read(type_, text) for type_, text in told or await self.texts_of(case_id)]
        if not found or found[0].version > 1:
            async with self._reading.connect() as connection:
                await check_case(connection, case_id)
        return found

    async def _told_by(self, case_id: UUID, at: int) -> Sequence[sa.Row[str, str]] | None:
        assert self.replica is not None  # noqa: S101 (as it was asked)
        query = sa.select(events.c.type, events.c.body).where(events.c.case_id == case_id).order_by(events.c.version)
        return await self.replica.rows(query, needs=at, epoch=self._epochs[-1][0], patience=PATIENCE_SECONDS)

    async def case(self, case_id: UUID) -> Case:
        """The case as its events tell it; version 0 if there are none."""
        return fold(case_id, await self.events_of(case_id))

    async def open_case_of(self, account: str) -> UUID | None:
        """The open case of a WorkSafeBC account."""
        query = sa.select(cases.c.case_id).where(cases.c.worksafebc_account == account, cases.c.state != "Closed")
        async with self._reading.connect() as connection:
            found: UUID | None = await connection.scalar(query)
        return found

    async def account_of(self, case_id: UUID) -> str | None:
        """Whose case it is: a WorkSafeBC account."""
        async with self._reading.connect() as connection:
            query = sa.select(cases.c.worksafebc_account).where(cases.c.case_id == case_id)
            found: str | None = await connection.scalar(query)
        return found

    async def recorded(self, actor: str, idempotency_key: str) -> Recorded | None:
        """What the same caller's request with this key became."""
        query = sa.select(events.c.type, events.c.body, events.c.request_digest).where(
            events.c.idempotency_key == idempotency_key, events.c.actor == actor
        )
        async with self._reading.connect() as connection:
            row = (await connection.execute(query)).first()
        return Recorded(read(row.type, row.body), row.body, row.request_digest) if row else None

    # --- many -------------------------------------------------------------------------------------------------------

    async def rows(self, *where: sa.ColumnElement[bool], limit: int) -> Sequence[sa.RowMapping]:
        """Rows of the read model, by case id."""
        query = sa.select(cases).where(*where).order_by(cases.c.case_id).limit(limit)
        async with self._reading.connect() as connection:
            return (await connection.execute(query)).mappings().all()

    async def due_before(self, day: date, limit: int) -> list[UUID]:
        """Cases on which the clock is to act, longest due first."""
        query = sa.select(cases.c.case_id).where(cases.c.next_due < day).order_by(cases.c.next_due).limit(limit)
        async with self._reading.connect() as connection:
            return list(await connection.scalars(query))

    # --- the feed ---------------------------------------------------------------------------------------------------

    async def head(self) -> int:
        """The last position; 0 before the first event. Raises LogWentBackError."""
        known = self._witness.position
        head, event_id = await self._whole.ask(self._head())
        self._witness.check(head, event_id, known=known)
        if head > self._seen:
            self._advance(head)
        return head

    async def _head(self) -> tuple[int, UUID | None]:
        query = sa.select(events.c.position, events.c.event_id).order_by(events.c.position.desc()).limit(1)
        async with self._reading.connect() as connection:
            newest = (await connection.execute(query)).first()
        return (newest.position, newest.event_id) if newest else (0, None)

    async def page(
        self,
        after: int,
        limit: int,
        *,
        types: Sequence[str] = (),
        case_id: UUID | None = None,
        up_to: int | None = None,
    ) -> Page:
        """Up to `limit` events after a position, as far as the head or `up_to`. Raises ArchivedPositionError.

        With a filter, the page tells how far it looked, not what it found.
        """
        head = await self.head() if up_to is None else up_to
        where = [events.c.position > after, events.c.position <= head]
        if types:
            where.append(events.c.type.in_(types))
        if case_id:
            where.append(events.c.case_id == case_id)
        query = sa.select(events.c.position, events.c.body).where(*where).order_by(events.c.position).limit(limit)
        needs = head if types or case_id else min(head, after + limit)
        found = await self._whole.ask(self._rows_of(query, needs))
        if after < head and not (found and found[0][0] == after + 1):
            await self.check_kept(after)
        full = len(found) == limit
        return Page(tuple(body for _, body in found), found[-1][0] if full else max(head, after))

    async def between(self, after: int, up_to: int) -> Sequence[str]:
        """All that stands after a position, up to one that the log has reached. Raises ArchivedPositionError."""
        found = await self._whole.ask(self._texts_between(after, up_to)) if after < up_to else ()
        if len(found) < up_to - after:
            await self.check_kept(after)
        return found

    async def _texts_between(self, after: int, up_to: int) -> Sequence[str]:
        found: Sequence[Sequence[str]] | None = None
        if self.replica is not None:
            found = await self._rows_of(_BETWEEN.params(after=after, up_to=up_to), up_to)
        if found is None:
            found = await self._between.ask(after=after, up_to=up_to)
        return [text for (text,) in found]

    async def rows_after(self, position: int, limit: int) -> Sequence[Told]:
        """Events after a position, with what they can be chosen by."""
        if fresh := self._fresh.after(position, limit):
            return fresh
        columns = (events.c.position, events.c.type, events.c.case_id, events.c.body)
        query = sa.select(*columns).where(events.c.position > position).order_by(events.c.position).limit(limit)
        found = await self._whole.ask(self._rows_of(query, position + limit))
        if found and found[0].position != position + 1:
            await self.check_kept(position)
        return [Told(*row) for row in found]

    async def check_kept(self, after: int) -> None:
        """Raises ArchivedPositionError if what comes after a position was taken out of the log."""
        async with self._reading.connect() as connection:
            await check_position(connection, after)

    async def begins_after(self) -> int:
        """The position after which the log begins: 0, unless its oldest partitions were taken out."""
        async with self._reading.connect() as connection:
            return await beginning(connection)

    async def _rows_of(self, query: sa.Select[*Columns], needs: int) -> Sequence[sa.Row[*Columns]]:
        if self.replica is not None and self._epochs and needs <= self._seen:
            found = await self.replica.rows(query, needs=needs, epoch=self._epochs[-1][0])
            if found is not None:
                return found
        async with self._reading.connect() as connection:
            return (await connection.execute(query)).all()

    async def position_of_event(self, event_id: UUID) -> int | None:
        """Where an event stands."""
        async with self._reading.connect() as connection:
            found: int | None = await connection.scalar(
                sa.select(events.c.position).where(events.c.event_id == event_id)
            )
        return found

    async def follow(self, after: int, seconds: float) -> bool:
        """Wait until there is something after a position, at most so long; False if there is not, or we are stopping.

        An append of this process wakes us at once. One of another process is found by looking at the head every so
        often, once for all who wait; who waits longer than that need not look for itself.
        """
        is_looked_for = self._looker is not None and seconds > 2 * _LOOK_SECONDS
        if self._seen > after or (not is_looked_for and await self.head() > after):
            return True
        self._waiting += 1
        if self._looker is None:
            self._looker = asyncio.create_task(self._look(), name="head")
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._seen > after or self.released)
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return self._seen > after

    async def _look(self) -> None:
        """Look at the head as long as somebody waits; a database that is away is looked for again."""
        try:
            while self._waiting and not self.released:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS), self._moved:
                        await self._moved.wait_for(lambda: self.released)
                with suppress(SQLAlchemyError, OSError, TimeoutError):
                    await self.head()
        finally:
            self._looker = None

    def release(self) -> None:
        """Let everybody go who waits: the process is about to stop."""
        self.released = True
        asyncio.get_running_loop().create_task(self._wake())

    def cursor(self, position: int) -> str:
        """An opaque cursor: the epoch in force and the position."""
        return f"{self._epochs[-1][0]}.{position}"

    async def position_of(self, cursor: str) -> int:
        """The position of a cursor. Raises BadCursorError, or StaleCursorError if the log no longer holds it."""
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise BadCursorError(cursor)
        epoch, position = match[1], int(match[2])
        if epoch == self._epochs[-1][0]:
            head = await self.head()
            if position > head:
                raise StaleCursorError(head)
            return position
        later = [began_after for _, began_after in self._epochs_after(epoch)]
        raise StaleCursorError(min([position, *later]) if later else 0)

    def _epochs_after(self, epoch: str) -> tuple[tuple[str, int], ...]:
        names = [name for name, _ in self._epochs]
        return self._epochs[names.index(epoch) + 1 :] if epoch in names else ()

    def _committed(self, written: Sequence[tuple[Append, Appended]]) -> None:
        for append, done in written:
            self._fresh.add(Told(done.position, append.type, append.case_id, done.text))
        newest, last = written[-1]
        self._witness.saw(last.position, newest.event_id)
        self._advance(last.position)

    def _advance(self, head: int) -> None:
        self._seen = max(self._seen, head)
        asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        async with self._moved:
            self._moved.notify_all()
