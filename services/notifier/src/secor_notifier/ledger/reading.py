"""What the API and the metrics ask the ledger."""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.rows import Page, Reminder, Status, reminder_of
from secor_notifier.ledger.tables import reminders

FINAL = (Status.SENT.value, Status.FAILED.value, Status.SKIPPED.value)
CHUNK = 500


@dataclass(frozen=True)
class Wanted:
    """Which reminders to list."""

    case_id: str | None = None
    status: Status | None = None
    after: int = 0
    limit: int = 100


class Reading:
    """Questions which change nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def answers(self) -> None:
        """Nothing, if the database is there and migrated; else its error."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT position FROM bookmark"))

    async def page(self, wanted: Wanted) -> Page:
        query = select(reminders).where(reminders.c.seq > wanted.after).order_by(reminders.c.seq)
        if wanted.case_id is not None:
            query = query.where(reminders.c.case_id == wanted.case_id)
        if wanted.status is not None:
            query = query.where(reminders.c.status == wanted.status.value)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.limit(wanted.limit + 1))).mappings().all()
        items = tuple(reminder_of(row) for row in rows[: wanted.limit])
        return Page(items, items[-1].seq if len(rows) > wanted.limit else None)

    async def counts(self) -> dict[Status, int]:
        query = select(reminders.c.status, func.count().label("number")).group_by(reminders.c.status)
        async with self._engine.connect() as connection:
            found = {row.status: row.number for row in await connection.execute(query)}
        return {status: found.get(status.value, 0) for status in Status}

    async def decided(self, reminder_ids: list[str]) -> set[str]:
        """Those among the reminders which are no longer to come: sent, failed or skipped."""
        found: set[str] = set()
        async with self._engine.connect() as connection:
            for start in range(0, len(reminder_ids), CHUNK):
                query = select(reminders.c.reminder_id).where(
                    reminders.c.reminder_id.in_(reminder_ids[start : start + CHUNK]), reminders.c.status.in_(FINAL)
                )
                found.update(await connection.scalars(query))
        return found

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
