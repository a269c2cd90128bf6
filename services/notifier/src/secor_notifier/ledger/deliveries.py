"""What is heard of letters after their hand-over: delivered, delayed, or come back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import writing
from secor_notifier.ledger.rows import Delivery, Reminder, Status, reminder_of
from secor_notifier.ledger.tables import reminders

HANDED_OVER = (Status.SENT.value, Status.UNKNOWN.value, Status.ATTEMPTING.value)


@dataclass(frozen=True)
class Report:
    """One report on one message: its id, what became of it, when, and the enhanced status code, if there is one."""

    message_id: str
    delivery: Delivery
    at: datetime
    status: str | None = None


class DeliveryReports:
    """A failure is final; what comes before it or after it changes nothing about it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def take(self, report: Report) -> list[Reminder]:
        """Mark the reminders that went out as this message; nothing when we know no such message."""
        of_message = reminders.c.message_id == report.message_id
        not_failed = or_(reminders.c.delivery.is_(None), reminders.c.delivery != Delivery.FAILED.value)
        news = not_failed
        if report.delivery is Delivery.DELAYED:
            news = reminders.c.delivery.is_(None)
        async with self._writer.begin() as connection:
            await connection.execute(
                update(reminders)
                .where(and_(of_message, reminders.c.status.in_(HANDED_OVER), news))
                .values(delivery=report.delivery.value, delivery_at=report.at, delivery_status=report.status)
            )
            if report.delivery is not Delivery.DELAYED:
                # Whoever reports on it has had it: that it was handed over is no longer unknown.
                known = and_(of_message, reminders.c.status == Status.UNKNOWN.value)
                await connection.execute(
                    update(reminders)
                    .where(known)
                    .values(
                        status=Status.SENT.value,
                        sent_at=reminders.c.attempt_started_at,
                        next_attempt_at=None,
                        token=reminders.c.token + 1,
                    )
                )
            rows = await connection.execute(select(reminders).where(of_message).order_by(reminders.c.seq))
            return [reminder_of(row) for row in rows.mappings()]
