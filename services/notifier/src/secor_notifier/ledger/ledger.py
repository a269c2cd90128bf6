"""The ledger's promises: what was read is taken whole, each reminder is decided once, each outcome is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import and_, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.domain.reminders import HELD, Owed
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger.engine import insert, writing
from secor_notifier.ledger.rows import Bookmark, Reminder, Status, Taken, reminder_of, row_of
from secor_notifier.ledger.tables import bookmark, reminders, watches

WATCH = TypeAdapter(Watch)
AT_ONCE = date.min
CHUNK = 500


class Ledger:
    """One writer at a time; readers whenever they like."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writer = writing(engine)

    async def bookmark(self) -> Bookmark:
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(bookmark))).mappings().one()
        return Bookmark(row["cursor"], row["position"], row["pulled_at"], row["rules"])

    async def watches(self, case_ids: Collection[str]) -> dict[str, Watch]:
        """The watches of these cases, as far as there are any."""
        found: dict[str, Watch] = {}
        wanted = sorted(case_ids)
        async with self.engine.connect() as connection:
            for start in range(0, len(wanted), CHUNK):
                some = select(watches).where(watches.c.case_id.in_(wanted[start : start + CHUNK]))
                for row in (await connection.execute(some)).mappings():
                    found[row["case_id"]] = WATCH.validate_json(row["watch"])
        return found

    async def take(self, before: str | None, taken: Taken, now: datetime) -> bool:
        """Keep what a page taught, and the cursor behind it, together; False if the cursor was no longer `before`."""
        async with self._writer.begin() as connection:
            moved = await connection.execute(
                update(bookmark)
                .where(bookmark.c.cursor.is_not_distinct_from(before))
                .values(cursor=taken.cursor, position=taken.position, pulled_at=now)
            )
            if moved.rowcount == 0:
                return False
            for watch in taken.watches:
                await _keep_watch(connection, watch)
            for decision, fact in taken.letters:
                await _decide(connection, decision, fact, now)
        return True

    async def go_back(self, before: str | None, to: str | None) -> None:
        """Read on from an older place: the log is not the one which was read before."""
        async with self._writer.begin() as connection:
            await connection.execute(
                update(bookmark).where(bookmark.c.cursor.is_not_distinct_from(before)).values(cursor=to)
            )

    async def follow_rules(self, fingerprint: str) -> None:
        """Look at every watch again when the rules are not those of the last run."""
        async with self._writer.begin() as connection:
            changed = await connection.execute(
                update(bookmark).where(bookmark.c.rules.is_distinct_from(fingerprint)).values(rules=fingerprint)
            )
            if changed.rowcount:
                await connection.execute(update(watches).values(next_on=AT_ONCE))

    async def watches_to_look_at(self, until: date, limit: int | None = None) -> list[Watch]:
        """The watches on which something may be owed by that day: this costs what is due, not what is watched."""
        due = select(watches.c.watch).where(watches.c.next_on <= until).order_by(watches.c.next_on, watches.c.case_id)
        async with self.engine.connect() as connection:
            return [WATCH.validate_json(text) for text in await connection.scalars(due.limit(limit))]

    async def owe(
        self, looked_at: Sequence[tuple[Watch, date | None]], decisions: Iterable[Owed], now: datetime
    ) -> None:
        """Write down what is owed, each decision once for ever, and when to look at these watches next."""
        async with self._writer.begin() as connection:
            for decision in decisions:
                await _decide(connection, decision, {}, now)
            for watch, next_on in looked_at:
                await connection.execute(
                    update(watches).where(watches.c.case_id == watch.case_id).values(next_on=next_on)
                )

    async def to_send(self, now: datetime, limit: int) -> list[Reminder]:
        ripe = and_(reminders.c.status == Status.PLANNED.value, reminders.c.next_attempt_at <= now)
        query = select(reminders).where(ripe).order_by(reminders.c.next_attempt_at, reminders.c.seq).limit(limit)
        async with self.engine.connect() as connection:
            return [reminder_of(row) for row in (await connection.execute(query)).mappings()]

    async def sent(self, reminder: Reminder, message_id: str, at: datetime) -> None:
        await self._outcome(
            reminder,
            status=Status.SENT.value,
            sent_at=at,
            message_id=message_id,
            attempts=reminder.attempts + 1,
            next_attempt_at=None,
            last_error=None,
        )

    async def skipped(self, reminder: Reminder, reason: str) -> None:
        await self._outcome(reminder, status=Status.SKIPPED.value, reason=reason, next_attempt_at=None)

    async def tried(self, reminder: Reminder, error: str, again_at: datetime | None) -> None:
        """An attempt came to nothing; without another time to try, the letter has failed."""
        await self._outcome(
            reminder,
            status=(Status.PLANNED if again_at else Status.FAILED).value,
            attempts=reminder.attempts + 1,
            next_attempt_at=again_at,
            last_error=error,
        )

    async def _outcome(self, reminder: Reminder, **values: object) -> None:
        async with self._writer.begin() as connection:
            await connection.execute(update(reminders).where(reminders.c.seq == reminder.seq).values(**values))

    async def clock_ahead(self) -> timedelta:
        """By how much the sandbox's clock runs ahead of the world's."""
        async with self.engine.connect() as connection:
            return timedelta(microseconds=(await connection.execute(select(bookmark.c.clock_ahead_us))).scalar_one())

    async def set_clock_ahead(self, ahead: timedelta) -> None:
        """Keep the sandbox's clock; as it may have gone back, every watch is looked at again."""
        async with self._writer.begin() as connection:
            await connection.execute(update(bookmark).values(clock_ahead_us=ahead // timedelta(microseconds=1)))
            await connection.execute(update(watches).values(next_on=AT_ONCE))


async def _keep_watch(connection: AsyncConnection, watch: Watch) -> None:
    new = {"watch": WATCH.dump_json(watch).decode(), "next_on": None if watch.closed else AT_ONCE}
    statement = insert(connection, watches).values(case_id=watch.case_id, **new)
    await connection.execute(statement.on_conflict_do_update(index_elements=["case_id"], set_=new))


async def _decide(connection: AsyncConnection, decision: Owed, fact: Mapping[str, object], now: datetime) -> None:
    row = row_of(decision, fact, now)
    statement = insert(connection, reminders).values(row)
    if decision.reason is not None:
        await connection.execute(statement.on_conflict_do_nothing(index_elements=["reminder_id"]))
        return
    # Decided once means decided; only what a hold kept back is owed again, when the hold is over.
    kept_back = and_(reminders.c.status == Status.SKIPPED.value, reminders.c.reason == literal(HELD))
    revived = {name: row[name] for name in ("status", "reason", "due_at", "next_attempt_at")}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["reminder_id"], set_=revived, where=kept_back)
    )
