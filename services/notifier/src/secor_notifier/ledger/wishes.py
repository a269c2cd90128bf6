"""What people have asked of the notifier: silences, and reminders they do not want."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.domain.circumstances import Circumstances, Matcher, Silence
from secor_notifier.domain.past import Absence, Past
from secor_notifier.ledger.engine import insert, writing
from secor_notifier.ledger.tables import absences, opt_outs, silences, watches

MATCHER = TypeAdapter(Matcher)
CHUNK = 500


class Wishes:
    """Kept for ever: an ended silence still explains what was not sent."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def in_force(self, now: datetime) -> Circumstances:
        async with self._engine.connect() as connection:
            return await in_force(connection, now)

    async def about(self, people: Collection[str], now: datetime) -> Circumstances:
        """The silences in force, and who of these people wants no reminders."""
        out: set[str] = set()
        wanted = sorted(people)
        async with self._engine.connect() as connection:
            quiet = await _silences_in_force(connection, now)
            for start in range(0, len(wanted), CHUNK):
                some = opt_outs.c.person_id.in_(wanted[start : start + CHUNK])
                out |= set(await connection.scalars(select(opt_outs.c.person_id).where(some)))
        return Circumstances(quiet, frozenset(out))

    async def past(self, since: datetime) -> Past:
        """What was in force at some time since then, and when the notifier was not awake."""
        asked = select(silences).where(silences.c.until > since).order_by(silences.c.silence_id)
        away = select(absences).where(absences.c.ended_at > since).order_by(absences.c.began_at)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(asked)).mappings().all()
            out = (await connection.execute(select(opt_outs.c.person_id, opt_outs.c.since))).all()
            gone = (await connection.execute(away)).all()
        return Past(
            tuple(_silence(row) for row in rows),
            {row.person_id: row.since for row in out},
            tuple(Absence(row.began_at, row.ended_at) for row in gone),
        )

    async def silence(self, silence_id: str) -> Silence | None:
        async with self._engine.connect() as connection:
            query = select(silences).where(silences.c.silence_id == silence_id)
            row = (await connection.execute(query)).mappings().one_or_none()
        return _silence(row) if row else None

    async def silences(self, after: str, limit: int) -> list[Silence]:
        query = select(silences).where(silences.c.silence_id > after).order_by(silences.c.silence_id).limit(limit)
        async with self._engine.connect() as connection:
            return [_silence(row) for row in (await connection.execute(query)).mappings()]

    async def keep(self, silence: Silence) -> None:
        """A new silence, or an older one with another end or comment."""
        row = {
            "silence_id": silence.silence_id,
            "matcher": MATCHER.dump_json(silence.matcher, exclude_none=True).decode(),
            "until": silence.until,
            "author": silence.author,
            "comment": silence.comment,
            "created_at": silence.created_at,
            "settled": False,
        }
        async with self._writer.begin() as connection:
            statement = insert(connection, silences).values(row)
            changed = {name: row[name] for name in ("until", "comment", "settled")}
            await connection.execute(statement.on_conflict_do_update(index_elements=["silence_id"], set_=changed))

    async def end(self, silence: Silence, now: datetime) -> None:
        await self.keep(replace(silence, until=min(silence.until, now)))

    async def just_ended(self, now: datetime) -> list[Silence]:
        """Silences that are over and of which the planning has not heard yet."""
        over = select(silences).where(silences.c.settled.is_(False), silences.c.until <= now)
        async with self._engine.connect() as connection:
            return [_silence(row) for row in (await connection.execute(over)).mappings()]

    async def settle(self, silence: Silence) -> None:
        async with self._writer.begin() as connection:
            await connection.execute(
                update(silences).where(silences.c.silence_id == silence.silence_id).values(settled=True)
            )

    async def opt_out(self, person_id: str, author: str, now: datetime) -> None:
        """The same wish twice is one."""
        async with self._writer.begin() as connection:
            statement = insert(connection, opt_outs).values(person_id=person_id, since=now, author=author)
            await connection.execute(statement.on_conflict_do_nothing(index_elements=["person_id"]))
            await _look_again(connection, person_id)

    async def opt_in(self, person_id: str) -> bool:
        """Whether there was anything to take back."""
        async with self._writer.begin() as connection:
            gone = await connection.execute(opt_outs.delete().where(opt_outs.c.person_id == person_id))
            await _look_again(connection, person_id)
        return gone.rowcount > 0

    async def opt_out_of(self, person_id: str) -> tuple[datetime, str]:
        """Since when, and by whom."""
        query = select(opt_outs).where(opt_outs.c.person_id == person_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one()
        return row.since, row.author

    async def opted_out(self, after: str, limit: int) -> list[tuple[str, datetime, str]]:
        """Person, since when, by whom."""
        query = select(opt_outs).where(opt_outs.c.person_id > after).order_by(opt_outs.c.person_id).limit(limit)
        async with self._engine.connect() as connection:
            return [
                (row["person_id"], row["since"], row["author"]) for row in (await connection.execute(query)).mappings()
            ]


async def in_force(connection: AsyncConnection, now: datetime) -> Circumstances:
    out = await connection.scalars(select(opt_outs.c.person_id))
    return Circumstances(await _silences_in_force(connection, now), frozenset(out))


async def _silences_in_force(connection: AsyncConnection, now: datetime) -> tuple[Silence, ...]:
    asked = select(silences).where(silences.c.until > now).order_by(silences.c.silence_id)
    return tuple(_silence(row) for row in (await connection.execute(asked)).mappings())


async def _look_again(connection: AsyncConnection, person_id: str) -> None:
    """Others may have to be told instead, or no longer."""
    theirs = and_(watches.c.first_due_on.is_not(None), watches.c.watch.contains(person_id, autoescape=True))
    await connection.execute(update(watches).where(theirs).values(next_on=date.min))


def _silence(row: RowMapping) -> Silence:
    return Silence(
        silence_id=row["silence_id"],
        matcher=MATCHER.validate_json(row["matcher"]),
        until=row["until"],
        author=row["author"],
        comment=row["comment"],
        created_at=row["created_at"],
    )
