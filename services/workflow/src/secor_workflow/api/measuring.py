"""What the metrics ask the database when they are asked themselves: little, bounded, and never for long."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.api.readers import Readers
from secor_workflow.clock import Clock
from secor_workflow.database.engine import reading
from secor_workflow.database.tables import cases, events
from secor_workflow.log.log import Log
from secor_workflow.seldom import Seldom

PATIENCE_SECONDS = 2.0
MOST_OVERDUE = 1000
"""So many overdue cases are looked at; of more, at least these are told."""
MOST_DUE = 1000


@dataclass(frozen=True)
class Measured:
    """The log as it is now."""

    head: int
    due: int
    overdue: Mapping[str, int] = field(default_factory=dict)
    lag: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """By role: events and seconds that the slowest reader is behind."""


class Measuring:
    """Asks one process's database."""

    def __init__(self, log: Log, clock: Clock, readers: Readers) -> None:
        self._log, self._clock, self.readers = log, clock, readers
        self._reading = reading(log.engine)
        self._overdue, self._due = Seldom(self._count_overdue), Seldom(self._count_due)

    async def now(self) -> Measured | None:
        """Nothing, if the database does not answer soon."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await self._log.head()
                return Measured(head, await self._due.ask(), await self._overdue.ask(), await self._lag(head))
        except (SQLAlchemyError, OSError, TimeoutError):
            return None

    async def _count_due(self) -> int:
        """Cases on which the clock is to act and has not yet."""
        today = self._clock.local_day(self._clock.now())
        return len(await self._log.due_before(today, MOST_DUE))

    async def _count_overdue(self) -> Mapping[str, int]:
        """Deadlines that were missed and are open still, by their name."""
        today = self._clock.local_day(self._clock.now())
        query = (
            sa.select(events.c.body)
            .join(cases, cases.c.position == events.c.position)
            .where(cases.c.earliest_due_on < today, cases.c.overdue)
            .order_by(cases.c.earliest_due_on)
            .limit(MOST_OVERDUE)
        )
        found: Counter[str] = Counter()
        async with self._reading.connect() as connection:
            for body in await connection.scalars(query):
                found.update(one["name"] for one in from_json(body)["data"]["deadlines"] if one["missed"])
        return found

    async def _lag(self, head: int) -> dict[str, tuple[int, float]]:
        """A reader is as late as the first event that it has not asked beyond is old."""
        slowest = self.readers.slowest()
        query = sa.select(events.c.position, events.c.body).where(
            events.c.position.in_([position + 1 for position in slowest.values() if position < head])
        )
        async with self._reading.connect() as connection:
            unread = {row.position: row.body for row in await connection.execute(query)}
        return {
            role.value: (max(0, head - position), self._age(unread.get(position + 1)))
            for role, position in slowest.items()
        }

    def _age(self, body: str | None) -> float:
        if body is None:
            return 0.0
        return max(0.0, (self._clock.now() - datetime.fromisoformat(from_json(body)["time"])).total_seconds())
