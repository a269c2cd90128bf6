"""The diary: every deadline of every case as calendars need it, derived from the log by a place of its own in it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Table, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_notifier.calendars.entry import Entry, follow
from secor_notifier.calendars.tables import entries, names, place
from secor_notifier.domain.event import Event
from secor_notifier.ledger.engine import insert, writing
from secor_notifier.workflow import CursorGoneError, Feed, FeedPage

CHUNK = 200


@dataclass(frozen=True)
class Scope:
    """What a calendar shows: one case or many, everybody's deadlines or only those of the employer or of staff."""

    case_id: str | None = None
    owner: str | None = None
    deadlines: tuple[str, ...] = ()
    days_ahead: int | None = None


@dataclass(frozen=True)
class Shown:
    """An entry, and the employer's legal name as far as the feed has told it."""

    entry: Entry
    legal_name: str | None = None


class Diary:
    """Entries and the place in the log behind them move in one transaction."""

    def __init__(self, engine: AsyncEngine, feed: Feed) -> None:
        self._engine = engine
        self._writer = writing(engine)
        self._feed = feed

    async def catch_up(self) -> None:
        """Read on to the log's head."""
        while True:
            async with self._engine.connect() as connection:
                cursor = (await connection.execute(select(place.c.cursor))).scalar_one()
            try:
                page = await self._feed.page(cursor, 0)
            except CursorGoneError:
                if cursor is None:
                    raise
                await self._begin_again(cursor)
                continue
            if page.next_cursor != cursor:
                await self.take(cursor, page)
            if page.at_head:
                return

    async def take(self, before: str | None, page: FeedPage) -> bool:
        """What a page teaches; False if somebody else has taken it."""
        async with self._writer.begin() as connection:
            moved: dict[str, Any] = {"cursor": page.next_cursor}
            if page.events:
                moved["position"] = page.events[-1].position
            taken = await connection.execute(
                update(place).where(place.c.cursor.is_not_distinct_from(before)).values(moved)
            )
            if taken.rowcount == 0:
                return False
            changed = await _changed(connection, page.events)
            await _keep(connection, entries, changed, ("case_id", "deadline"))
            await _keep(connection, names, list(_names(page.events)), ("case_id",))
        return True

    async def _begin_again(self, before: str) -> None:
        """The log is another one: read again, what is known already changes nothing but its sequence."""
        async with self._writer.begin() as connection:
            await connection.execute(update(place).where(place.c.cursor == before).values(cursor=None, position=0))

    async def show(self, scope: Scope, today: date, ended_after: datetime, at_most: int) -> list[Shown]:
        """What a calendar of that scope shows today: what holds, and then what has ended, each the earliest first."""
        query = (
            select(entries, names.c.legal_name)
            .outerjoin(names, names.c.case_id == entries.c.case_id)
            .where(or_(entries.c.ended_at.is_(None), entries.c.ended_at > ended_after))
            # What no longer holds makes room for what does.
            .order_by(entries.c.ended_at.is_not(None), entries.c.due_on, entries.c.case_id, entries.c.deadline)
            .limit(at_most)
        )
        if scope.case_id is not None:
            query = query.where(entries.c.case_id == scope.case_id)
        if scope.owner is not None:
            query = query.where(entries.c.owner == scope.owner)
        if scope.deadlines:
            query = query.where(entries.c.deadline.in_(scope.deadlines))
        if scope.days_ahead is not None:
            query = query.where(entries.c.due_on <= today + timedelta(days=scope.days_ahead))
        async with self._engine.connect() as connection:
            return [_shown(row) for row in (await connection.execute(query)).mappings()]

    async def entry(self, case_id: str, deadline: str) -> Entry | None:
        query = select(entries).where(and_(entries.c.case_id == case_id, entries.c.deadline == deadline))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return Entry(**row) if row else None


async def _changed(connection: AsyncConnection, events: Sequence[Event]) -> list[dict[str, Any]]:
    """The rows to write for these events: for each entry its last state."""
    known = await _known(connection, {event.case_id for event in events})
    changed: dict[tuple[str, str], Entry] = {}
    for event in events:
        of_case = known.setdefault(event.case_id, {})
        for entry in list(follow(of_case, event)):
            of_case[entry.deadline] = changed[entry.case_id, entry.deadline] = entry
    return [asdict(entry) for entry in changed.values()]


async def _known(connection: AsyncConnection, case_ids: Collection[str]) -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {}
    wanted = sorted(case_ids)
    for start in range(0, len(wanted), CHUNK):
        some = select(entries).where(entries.c.case_id.in_(wanted[start : start + CHUNK]))
        for row in (await connection.execute(some)).mappings():
            found.setdefault(row["case_id"], {})[row["deadline"]] = Entry(**row)
    return found


def _names(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Legal names, where an event tells them; of several for one case the last."""
    told: dict[str, str] = {}
    for event in events:
        employer = event.fact.get("employer")
        if isinstance(employer, dict) and isinstance(name := employer.get("legal_name"), str):
            told[event.case_id] = name
    return ({"case_id": case_id, "legal_name": name} for case_id, name in told.items())


async def _keep(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    for start in range(0, len(rows), CHUNK):
        statement = insert(connection, table).values(rows[start : start + CHUNK])
        new = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
        await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=new))


def _shown(row: RowMapping) -> Shown:
    fields = dict(row)
    legal_name = fields.pop("legal_name")
    return Shown(Entry(**fields), legal_name)
