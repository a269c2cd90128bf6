"""What the ledger keeps about one person, and how it forgets them: ids stay, since they say nothing about anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.ledger.engine import insert, writing
from secor_notifier.ledger.rows import Reminder, Status, reminder_of, row_of
from secor_notifier.ledger.tables import OPEN, opt_outs, reminders, silences

FORGOTTEN = "(forgotten with the person whom it was about)"


class Traces:
    """Safe to repeat: what is forgotten already is passed over."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def under_way(self, person_id: str) -> bool:
        """Whether a letter to them is being handed over at this moment."""
        query = select(reminders.c.seq).where(
            reminders.c.recipient == person_id, reminders.c.status == Status.ATTEMPTING.value
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    async def message_ids(self, person_id: str) -> set[str]:
        """What their letters were called."""
        query = select(reminders.c.message_id).where(reminders.c.recipient == person_id)
        async with self._engine.connect() as connection:
            return {found for found in await connection.scalars(query) if found}

    async def news_not_told(self, person_id: str) -> list[Reminder]:
        """What happened and they should have been told, in letters that never went out."""
        waiting = and_(text(OPEN), reminders.c.next_attempt_at.is_not(None))
        in_vain = and_(reminders.c.status == Status.SKIPPED.value, reminders.c.cause == Cause.ERASED.value)
        query = select(reminders).where(
            reminders.c.recipient == person_id, reminders.c.event_id.is_not(None), or_(waiting, in_vain)
        )
        async with self._engine.connect() as connection:
            return [reminder_of(row) for row in (await connection.execute(query)).mappings()]

    async def forget(
        self, person_id: str, skip: Skip, instead: Sequence[tuple[Owed, Mapping[str, object]]], now: datetime
    ) -> None:
        """Nothing more goes to them, others are told instead, and what was said of them by name is gone."""
        theirs = reminders.c.recipient == person_id
        async with self._writer.begin() as connection:
            await connection.execute(
                update(reminders)
                .where(theirs, text(OPEN))
                .values(
                    status=Status.SKIPPED.value,
                    cause=skip.cause.value,
                    reason=skip.reason,
                    next_attempt_at=None,
                    token=reminders.c.token + 1,
                    lease_until=None,
                )
            )
            await connection.execute(update(reminders).where(theirs).values(last_error=None))
            await connection.execute(opt_outs.delete().where(opt_outs.c.person_id == person_id))
            await connection.execute(
                update(silences)
                .where(silences.c.matcher.contains(person_id, autoescape=True))
                .values(comment=FORGOTTEN)
            )
            rows = [row_of(decision, fact, now) for decision, fact in instead]
            if rows:
                await connection.execute(
                    insert(connection, reminders).on_conflict_do_nothing(index_elements=["reminder_id"]), rows
                )
