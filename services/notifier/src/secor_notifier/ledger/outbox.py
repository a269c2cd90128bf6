"""What goes out: rows leased to one process at a time, an attempt written down before it begins, and its outcome.

Each lease has a higher token than the one before. Whatever a process wants to write about a row it does under its
token; when the lease has gone to somebody else meanwhile, nothing is written, and the process is told.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.domain.rules import Category
from secor_notifier.domain.skip import Skip
from secor_notifier.ledger.engine import lease_alone, seconds, writing
from secor_notifier.ledger.rows import Reminder, Status, Template, reminder_of
from secor_notifier.ledger.tables import OPEN, reminders, watches
from secor_notifier.zone import local_date

NUDGES = reminders.c.category == Category.NUDGE.value
MOST_TOGETHER = 500
"""So many nudges are leased beyond the limit; who is owed more gets another letter, and no process leases for ever."""
LOST = "The process ended while it handed the letter over: nobody knows whether it arrived."


class Outbox:
    """Leases of one process; each holds for `lease_seconds` without being renewed."""

    def __init__(self, engine: AsyncEngine, owner: str, lease_seconds: int) -> None:
        self.engine = engine
        self.owner = owner
        self.lease_seconds = lease_seconds
        self._writer = writing(engine)

    async def lease(self, now: datetime, limit: int) -> list[Reminder]:
        """The next rows whose time has come and which nobody else has, now ours; and with the first nudge for somebody
        all that are due for them, beyond the limit too, so that nobody else can send the rest as a second letter.
        """
        async with self._writer.begin() as connection:
            await lease_alone(connection)
            clock = await seconds(connection)
            free = and_(_due(now), or_(reminders.c.lease_until.is_(None), reminders.c.lease_until <= clock))
            found = await _some(connection, free, limit)
            nudged = {one.decision.recipient.id for one in found if one.decision.category is Category.NUDGE}
            if nudged:
                theirs = and_(free, NUDGES, reminders.c.recipient.in_(nudged))
                taken = reminders.c.seq.not_in([one.seq for one in found])
                found += await _some(connection, and_(theirs, taken), MOST_TOGETHER)
            ours = reminders.c.seq.in_([one.seq for one in found])
            await connection.execute(
                update(reminders)
                .where(ours)
                .values(token=reminders.c.token + 1, leased_by=self.owner, lease_until=clock + self.lease_seconds)
            )
        return [replace(one, token=one.token + 1) for one in found]

    async def anything_due(self, now: datetime) -> bool:
        """Whether anything is still to be tried, by whomever."""
        under_way = reminders.c.status == Status.ATTEMPTING.value
        async with self.engine.connect() as connection:
            return (
                await connection.execute(select(reminders.c.seq).where(or_(_due(now), under_way)).limit(1))
            ).first() is not None

    async def begin(
        self, parcel: Sequence[Reminder], message_id: str, at: datetime, written: Template | None = None
    ) -> tuple[Reminder, ...]:
        """Write down that these are about to be handed over, and what the letter was written from if it was written;
        nothing, if the lease of one of them is lost.
        """
        of_template = {"written_as": written.letter, "written_version": written.version} if written else {}
        async with self._writer.begin() as connection:
            until = await seconds(connection) + self.lease_seconds
            for reminder in parcel:
                done = await connection.execute(
                    update(reminders)
                    .where(_ours(reminder), text(OPEN))
                    .values(
                        status=Status.ATTEMPTING.value,
                        attempts=reminders.c.attempts + 1,
                        attempt_started_at=at,
                        message_id=message_id,
                        lease_until=until,
                        **of_template,
                    )
                )
                if done.rowcount == 0:
                    await connection.rollback()
                    return ()
        return tuple(replace(one, attempts=one.attempts + 1, message_id=message_id) for one in parcel)

    async def sent(self, parcel: Sequence[Reminder], at: datetime) -> None:
        await self._end(parcel, status=Status.SENT.value, sent_at=at, next_attempt_at=None, last_error=None)

    async def skipped(self, reminder: Reminder, skip: Skip) -> None:
        values = {"cause": skip.cause.value, "reason": skip.reason, "next_attempt_at": None}
        await self._end([reminder], status=Status.SKIPPED.value, **values)

    async def failed(self, parcel: Sequence[Reminder], error: str, again_at: datetime | None) -> None:
        """An attempt came to nothing; without another time to try, the letter is dead until somebody sends it again."""
        status = Status.FAILED if again_at else Status.DEAD
        await self._end(parcel, status=status.value, next_attempt_at=again_at, last_error=error)

    async def unknown(self, parcel: Sequence[Reminder], error: str, again_at: datetime | None) -> None:
        """Nobody knows how the attempt ended; a notice goes out again under its Message-ID, a nudge does not."""
        for reminder in parcel:
            at = again_at if reminder.decision.category is Category.NOTICE else None
            await self._end([reminder], status=Status.UNKNOWN.value, next_attempt_at=at, last_error=error)

    async def postponed(self, reminder: Reminder, to: datetime, because: str) -> None:
        await self._end([reminder], next_attempt_at=to, moved=because)

    async def give_back(self) -> None:
        """All that this process has leased and not begun is free: whoever comes next may try it."""
        async with self._writer.begin() as connection:
            await lease_alone(connection)  # else a lease broken off a moment ago could still come true behind us
            untried = and_(reminders.c.leased_by == self.owner, reminders.c.lease_until.is_not(None), text(OPEN))
            await connection.execute(update(reminders).where(untried).values(lease_until=None))

    async def find_lost(self, now: datetime, *, all_of_them: bool = False) -> int:
        """Attempts whose process is gone. `all_of_them`: we alone use this database and have only just begun."""
        async with self._writer.begin() as connection:
            clock = await seconds(connection)
            over = and_(reminders.c.status == Status.ATTEMPTING.value)
            if not all_of_them:
                over = and_(over, reminders.c.lease_until <= clock)
            lost = 0
            for category, again_at in ((Category.NOTICE, now), (Category.NUDGE, None)):
                done = await connection.execute(
                    update(reminders)
                    .where(over, reminders.c.category == category.value)
                    .values(
                        status=Status.UNKNOWN.value,
                        next_attempt_at=again_at,
                        last_error=LOST,
                        token=reminders.c.token + 1,
                        lease_until=None,
                    )
                )
                lost += done.rowcount
            if all_of_them:
                await connection.execute(
                    update(reminders).where(reminders.c.lease_until.is_not(None)).values(lease_until=None)
                )
        return lost

    async def resend(self, reminder_id: str, at: datetime) -> bool:
        """Somebody asks for it again: dead, unknown, or handed over and known not to have arrived."""
        mendable = or_(
            reminders.c.status == Status.DEAD.value,
            and_(reminders.c.status == Status.UNKNOWN.value, reminders.c.next_attempt_at.is_(None)),
            and_(reminders.c.status == Status.SENT.value, reminders.c.delivery == "failed"),
        )
        async with self._writer.begin() as connection:
            done = await connection.execute(
                update(reminders)
                .where(reminders.c.reminder_id == reminder_id, mendable)
                .values(
                    status=Status.PLANNED.value,
                    next_attempt_at=at,
                    due_at=at,
                    attempts=0,
                    delivery=None,
                    delivery_at=None,
                    delivery_status=None,
                    token=reminders.c.token + 1,
                )
            )
        return done.rowcount > 0

    async def _end(self, parcel: Sequence[Reminder], **values: object) -> None:
        async with self._writer.begin() as connection:
            for reminder in parcel:
                await _write(connection, reminder, values)


def _due(now: datetime) -> ColumnElement[bool]:
    """To be tried by now. A nudge waits until all that is owed today is planned: what comes up together goes as one."""
    still_to_plan = exists().where(watches.c.next_on <= local_date(now))
    return and_(text(OPEN), reminders.c.next_attempt_at <= now, or_(not_(NUDGES), not_(still_to_plan)))


async def _some(connection: AsyncConnection, wanted: ColumnElement[bool], limit: int) -> list[Reminder]:
    query = select(reminders).where(wanted).order_by(reminders.c.next_attempt_at, reminders.c.seq).limit(limit)
    rows = await connection.execute(query.with_for_update(skip_locked=True))
    return [reminder_of(row) for row in rows.mappings()]


async def _write(connection: AsyncConnection, reminder: Reminder, values: dict[str, object]) -> None:
    await connection.execute(update(reminders).where(_ours(reminder)).values(lease_until=None, **values))


def _ours(reminder: Reminder) -> ColumnElement[bool]:
    return and_(reminders.c.seq == reminder.seq, reminders.c.token == reminder.token)
