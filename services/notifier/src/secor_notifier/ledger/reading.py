"""What the API and the metrics ask the ledger."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.domain.skip import Cause
from secor_notifier.ledger.rows import Delivery, Page, Reminder, Status, reminder_of
from secor_notifier.ledger.tables import OPEN, TO_MEND, reminders

MOST_TO_MEND = 500
CHUNK = 500


@dataclass(frozen=True)
class Wanted:
    """Which reminders to list."""

    case_id: str | None = None
    status: Status | None = None
    recipient: str | None = None
    letter: str | None = None
    cause: Cause | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True)
class Place:
    """A place among those that wait: behind this row."""

    at: datetime
    seq: int


@dataclass(frozen=True)
class Backlog:
    """How the letters stand: by status, those that need somebody by why, and since when the first of all waits."""

    by_status: dict[Status, int]
    to_mend: dict[str, int]
    first_due_at: datetime | None


class Reading:
    """Questions which change nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, wanted: Wanted) -> Page:
        query = select(reminders).where(reminders.c.seq > wanted.after).order_by(reminders.c.seq)
        for name in ("case_id", "status", "recipient", "letter", "cause"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(reminders.c[name] == str(value))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.limit(wanted.limit + 1))).mappings().all()
        items = tuple(reminder_of(row) for row in rows[: wanted.limit])
        return Page(items, items[-1].seq if len(rows) > wanted.limit else None)

    async def one(self, reminder_id: str) -> Reminder | None:
        query = select(reminders).where(reminders.c.reminder_id == reminder_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return reminder_of(row) if row else None

    async def of_case(self, case_id: str) -> list[Reminder]:
        """Every decision about one case."""
        query = select(reminders).where(reminders.c.case_id == case_id).order_by(reminders.c.seq)
        async with self._engine.connect() as connection:
            return [reminder_of(row) for row in (await connection.execute(query)).mappings()]

    async def waiting(
        self, after: Place | None, limit: int, case_id: str | None = None, recipient: str | None = None
    ) -> list[tuple[Place, Reminder]]:
        """What is still to be tried, for the first time or again, soonest first."""
        order = (reminders.c.next_attempt_at, reminders.c.seq)
        query = select(reminders).where(text(OPEN), reminders.c.next_attempt_at.is_not(None)).order_by(*order)
        for name, value in (("case_id", case_id), ("recipient", recipient)):
            if value is not None:
                query = query.where(reminders.c[name] == value)
        if after is not None:
            query = query.where(tuple_(*order) > tuple_(after.at, after.seq))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.limit(limit))).mappings()
            return [(Place(row["next_attempt_at"], row["seq"]), reminder_of(row)) for row in rows]

    async def kept(self, reminder_ids: list[str]) -> set[str]:
        """Those among the reminders which have been decided, whatever became of them."""
        found: set[str] = set()
        async with self._engine.connect() as connection:
            for start in range(0, len(reminder_ids), CHUNK):
                some = reminders.c.reminder_id.in_(reminder_ids[start : start + CHUNK])
                found |= set(await connection.scalars(select(reminders.c.reminder_id).where(some)))
        return found

    async def counts(self) -> dict[Status, int]:
        query = select(reminders.c.status, func.count().label("number")).group_by(reminders.c.status)
        async with self._engine.connect() as connection:
            found = {row.status: row.number for row in await connection.execute(query)}
        return {status: found.get(status.value, 0) for status in Status}

    async def backlog(self) -> Backlog:
        """All of it in numbers."""
        why = Counter(_why(one) for one in await self.to_mend())
        soonest = select(func.min(reminders.c.next_attempt_at)).where(text(OPEN))
        async with self._engine.connect() as connection:
            first: datetime | None = await connection.scalar(soonest)
        return Backlog(await self.counts(), {name: why[name] for name in ("dead", "unknown", "came_back")}, first)

    async def to_mend(self) -> list[Reminder]:
        """Letters that need somebody: given up, lost out of sight, or come back."""
        lost = and_(reminders.c.status == Status.UNKNOWN.value, reminders.c.next_attempt_at.is_(None))
        dead_or_back = or_(reminders.c.status == Status.DEAD.value, reminders.c.delivery == Delivery.FAILED.value)
        query = select(reminders).where(text(TO_MEND), or_(lost, dead_or_back)).order_by(reminders.c.seq.desc())
        async with self._engine.connect() as connection:
            return [reminder_of(row) for row in (await connection.execute(query.limit(MOST_TO_MEND))).mappings()]

    async def newest(self, case_id: str, letter: str) -> Reminder | None:
        """The last time that letter was decided for that case."""
        query = (
            select(reminders)
            .where(reminders.c.case_id == case_id, reminders.c.letter == letter)
            .order_by(reminders.c.seq.desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return reminder_of(row) if row else None


def _why(reminder: Reminder) -> str:
    return "came_back" if reminder.delivery is Delivery.FAILED else reminder.status.value
