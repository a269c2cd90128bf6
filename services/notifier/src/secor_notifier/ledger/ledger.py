"""The ledger's promises: what was read is taken whole, and each reminder is decided once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import TextClause, and_, bindparam, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.domain.circumstances import ORDINARY, Circumstances
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.skip import PASSING, Cause
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger.engine import insert, writing
from secor_notifier.ledger.rows import Bookmark, Status, Taken, row_of
from secor_notifier.ledger.tables import absences, bookmark, reminders, watches
from secor_notifier.ledger.wishes import in_force
from secor_notifier.zone import local_date

WATCH = TypeAdapter(Watch)
AT_ONCE = date.min
CHUNK = 500
OPEN_ONES = watches.c.first_due_on.is_not(None)
ABSENT = timedelta(hours=2)  # longer than the longest pause between two looks that can be set
REVIVED = ("status", "cause", "reason", "moved", "because", "due_at", "next_attempt_at", "template_version")


class Ledger:
    """One writer at a time; readers whenever they like."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writer = writing(engine)

    async def bookmark(self) -> Bookmark:
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(bookmark))).mappings().one()
        return Bookmark(row["cursor"], row["position"], row["pulled_at"], row["rules"], row["read_before"])

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

    async def watches_after(self, case_id: str, limit: int) -> list[Watch]:
        """All watches in the order of their cases, some at a time."""
        query = select(watches.c.watch).where(watches.c.case_id > case_id).order_by(watches.c.case_id).limit(limit)
        async with self.engine.connect() as connection:
            return [WATCH.validate_json(text) for text in await connection.scalars(query)]

    async def watches_coming(
        self, until: date, after: tuple[date, str], limit: int, case_id: str | None, person_id: str | None
    ) -> list[tuple[date, Watch]]:
        """The watches on which something may come up by that day, each with its day, from that place on in the order of
        their days; with a person, only those that name them.
        """
        order = (watches.c.next_on, watches.c.case_id)
        query = select(watches.c.next_on, watches.c.watch).where(watches.c.next_on <= until, tuple_(*order) >= after)
        if case_id is not None:
            query = query.where(watches.c.case_id == case_id)
        if person_id is not None:
            query = query.where(watches.c.watch.contains(person_id, autoescape=True))
        async with self.engine.connect() as connection:
            rows = await connection.execute(query.order_by(*order).limit(limit))
            return [(row.next_on, WATCH.validate_json(row.watch)) for row in rows]

    async def watches_due_by(self, day: date) -> list[Watch]:
        """The watches with a deadline by then, over or not."""
        query = select(watches.c.watch).where(watches.c.first_due_on <= day).order_by(watches.c.first_due_on)
        async with self.engine.connect() as connection:
            return [WATCH.validate_json(text) for text in await connection.scalars(query)]

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
            await _keep_watches(connection, taken.watches)
            await _decide(connection, [row_of(decision, fact, now) for decision, fact in taken.letters])
        return True

    async def begin_anew(self, before: str | None, common: int) -> None:
        """The log is not the one that was read: read it from its start, since the watches may know what it no longer
        says. Letters about events up to the last common position are decided, and stay so.
        """
        async with self._writer.begin() as connection:
            moved = await connection.execute(
                update(bookmark)
                .where(bookmark.c.cursor.is_not_distinct_from(before))
                .values(cursor=None, position=0, read_before=common)
            )
            if moved.rowcount:
                await connection.execute(watches.delete())

    async def count_as_decided(self, head: int) -> None:
        """The ledger is an old one: letters about events up to `head` may have gone since, and are not sent again."""
        async with self._writer.begin() as connection:
            known = bookmark.c.read_before < head
            await connection.execute(update(bookmark).where(known).values(read_before=head))

    async def follow_rules(self, fingerprint: str) -> None:
        """Look at every watch again when the rules are not those of the last run."""
        async with self._writer.begin() as connection:
            changed = await connection.execute(
                update(bookmark).where(bookmark.c.rules.is_distinct_from(fingerprint)).values(rules=fingerprint)
            )
            if changed.rowcount:
                await connection.execute(update(watches).where(OPEN_ONES).values(next_on=AT_ONCE))

    async def look_again(self, case_id: str | None) -> None:
        """Something that people asked for has changed: what it kept back may be owed by now."""
        touched = update(watches).where(OPEN_ONES).values(next_on=AT_ONCE)
        async with self._writer.begin() as connection:
            await connection.execute(touched.where(watches.c.case_id == case_id) if case_id else touched)

    async def watches_to_look_at(self, until: date, limit: int) -> list[Watch]:
        """The watches on which something may be owed by that day: this costs what is due, not what is watched."""
        due = select(watches.c.watch).where(watches.c.next_on <= until).order_by(watches.c.next_on, watches.c.case_id)
        async with self.engine.connect() as connection:
            return [WATCH.validate_json(text) for text in await connection.scalars(due.limit(limit))]

    async def still_to_be_looked_at(self, case_ids: Collection[str], until: date) -> set[str]:
        """Those among the cases on which the planning has not looked yet."""
        due = select(watches.c.case_id).where(watches.c.case_id.in_(case_ids), watches.c.next_on <= until)
        async with self.engine.connect() as connection:
            return set(await connection.scalars(due))

    async def owe(
        self,
        looked_at: Sequence[tuple[Watch, date | None]],
        decisions: Iterable[Owed],
        now: datetime,
        told: Circumstances = ORDINARY,
    ) -> None:
        """Write down what is owed, each decision once for ever, and when to look at these watches next.

        A watch that has changed since it was looked at is left as it is, and looked at again; so are all of them when
        people have asked for something else than what was `told` then.
        """
        async with self._writer.begin() as connection:
            changed = await _changed(connection, [watch for watch, _ in looked_at])
            if looked_at and await in_force(connection, now) != told:
                changed = {watch.case_id for watch, _ in looked_at}
            still = [decision for decision in decisions if decision.case_id not in changed]
            await _decide(connection, [row_of(decision, {}, now) for decision in still])
            looks = [
                {"looked_at": watch.case_id, "next": next_on}
                for watch, next_on in looked_at
                if watch.case_id not in changed
            ]
            if looks:
                statement = update(watches).where(watches.c.case_id == bindparam("looked_at"))
                await connection.execute(statement.values(next_on=bindparam("next")), looks)

    async def clock_ahead(self) -> timedelta:
        """By how much the sandbox's clock runs ahead of the world's."""
        async with self.engine.connect() as connection:
            return timedelta(microseconds=(await connection.execute(select(bookmark.c.clock_ahead_us))).scalar_one())

    async def set_clock_ahead(self, ahead: timedelta) -> None:
        """Keep the sandbox's clock."""
        async with self._writer.begin() as connection:
            await connection.execute(update(bookmark).values(clock_ahead_us=ahead // timedelta(microseconds=1)))

    async def awake(self, now: datetime) -> None:
        """Somebody looks at what is owed. A long time since the last look is kept as an absence; when the clock has
        gone back to a day before it, every watch is looked at again, for the last look was at days to come.
        """
        async with self._writer.begin() as connection:
            before = (await connection.execute(select(bookmark.c.awake_at))).scalar_one()
            await connection.execute(update(bookmark).values(awake_at=now))
            if before is None:
                return
            if now - before > ABSENT:
                absence = insert(connection, absences).values(began_at=before, ended_at=now)
                ended = {"ended_at": absence.excluded.ended_at}
                await connection.execute(absence.on_conflict_do_update(index_elements=["began_at"], set_=ended))
            if now < before:
                # What was leapt over is lived through after all.
                await connection.execute(absences.delete().where(absences.c.ended_at > now))
            if local_date(now) < local_date(before):
                await connection.execute(update(watches).where(OPEN_ONES).values(next_on=AT_ONCE))


async def _changed(connection: AsyncConnection, looked_at: Sequence[Watch]) -> set[str]:
    """The cases among these which are no longer as they were when they were looked at."""
    as_seen = {watch.case_id: watch for watch in looked_at}
    found = set()
    cases = sorted(as_seen)
    for start in range(0, len(cases), CHUNK):
        some = select(watches).where(watches.c.case_id.in_(cases[start : start + CHUNK])).with_for_update()
        for row in (await connection.execute(some)).mappings():
            if WATCH.validate_json(row["watch"]) != as_seen[row["case_id"]]:
                found.add(row["case_id"])
    return found


async def _keep_watches(connection: AsyncConnection, some: Sequence[Watch]) -> None:
    rows = [
        {
            "case_id": watch.case_id,
            "watch": WATCH.dump_json(watch).decode(),
            "next_on": None if watch.closed or not watch.deadlines else AT_ONCE,
            "first_due_on": None if watch.closed else min((one.due_on for one in watch.deadlines), default=None),
        }
        for watch in some
    ]
    if not rows:
        return
    statement = insert(connection, watches)
    new = {name: statement.excluded[name] for name in ("watch", "next_on", "first_due_on")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["case_id"], set_=new), rows)


async def _decide(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Decided once means decided; only what was kept back for a cause that may end is owed again after it."""
    kept_back = [row for row in rows if row["status"] == Status.SKIPPED.value]
    to_send = [row for row in rows if row["status"] != Status.SKIPPED.value]
    statement = insert(connection, reminders)
    if kept_back:
        await connection.execute(statement.on_conflict_do_nothing(index_elements=["reminder_id"]), kept_back)
    if to_send:
        # When the clock comes back from days that it has not seen after all, so do the rungs that others have overtaken
        # there; and what was to wait for an hour of those days goes out when it would have without them.
        early = and_(_cause_in({Cause.SUPERSEDED, Cause.TOO_LATE}), reminders.c.due_at > statement.excluded.due_at)
        may_come = and_(reminders.c.status == Status.SKIPPED.value, or_(_cause_in(PASSING), early))
        untried = and_(reminders.c.status == Status.PLANNED.value, reminders.c.attempts == 0)
        too_late = and_(untried, reminders.c.next_attempt_at > statement.excluded.next_attempt_at)
        revived = {name: statement.excluded[name] for name in REVIVED}
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["reminder_id"], set_=revived, where=or_(may_come, too_late)
            ),
            to_send,
        )


def _cause_in(causes: Collection[Cause]) -> TextClause:
    """Written out, for statements that run with many rows."""
    return text(f"reminders.cause IN ({', '.join(repr(cause.value) for cause in sorted(causes))})")
