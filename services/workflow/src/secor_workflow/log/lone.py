"""A lone append on PostgreSQL: looked up, placed and written by one statement, which is a transaction by itself."""

from typing import Any

import sqlalchemy as sa
from asyncpg import Connection, UniqueViolationError
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.direct import Question, Rows, by_table
from secor_workflow.database.engine import WRITER_LOCK, Row, upsert
from secor_workflow.database.tables import cases, events
from secor_workflow.log.append import Append, Appended
from secor_workflow.log.envelope import placed
from secor_workflow.log.standing import CLOSED

Shape = tuple[tuple[sa.Table, bool, tuple[str, ...]], ...]


class Lone:
    """Where nobody else is writing, the round trips of a transaction cost more than all that is done in it.

    The statement looks at the log before it has the writers' lock, so it may have missed a commit. Whoever committed
    meanwhile has taken the position that it was about to take, and then the position's unique index refuses all of it.
    It waits for no lock: it would have the tables open while it did, and stand in the way of who has it and wants them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._questions: dict[Shape, Question] = {}

    async def write(self, driver: "Connection[Any]", append: Append) -> Appended | None:
        """The event at its place; nothing if something stands against it or somebody else writes: ask in good order."""
        rows = [part for part in append.beside if isinstance(part, Row)]
        if len(rows) < len(append.beside):
            return None
        beside = by_table(rows)
        try:
            found = await self._question(beside).ask_by(driver, _values(append, beside))
        except DBAPIError as error:
            if isinstance(error.orig, UniqueViolationError):
                return None
            raise
        return Appended(found[0][0], placed(append.text, found[0][0])) if found else None

    def _question(self, beside: Rows) -> Question:
        shape = tuple((table, replaces, tuple(same[0])) for (table, replaces), same in beside.items())
        if shape not in self._questions:
            self._questions[shape] = Question(self._engine, _statement(self._engine, shape))
        return self._questions[shape]


def _values(append: Append, beside: Rows) -> dict[str, object]:
    given: dict[str, object] = {"follows": append.follows, "text": append.text[1:]}
    for name, row in (("events", append.event_row()), ("cases", append.case_row())):
        given.update((f"{name}_{column}", value) for column, value in row.items())
    for number, rows in enumerate(beside.values()):
        given.update((f"beside_{number}_{column}", [row[column] for row in rows]) for column in rows[0])
    return given


def _statement(engine: AsyncEngine, shape: Shape) -> sa.Select[Any]:
    """Of what is written beside, each parameter is a column's values."""
    place = _place()
    position = place.c.position
    text = sa.literal('{"position":') + position.cast(sa.Text) + sa.literal(",") + sa.bindparam("text", type_=sa.Text)
    event = {column.name: _of(column) for column in events.columns} | {"position": position, "body": text}
    case = {column.name: _of(column) for column in cases.columns} | {"position": position}
    written = [
        sa.insert(events).from_select(list(event), sa.select(*event.values())).cte("event"),
        upsert(engine, cases).from_select(list(case), sa.select(*case.values())).cte("case_row"),
    ]
    for number, (table, replaces, names) in enumerate(shape):
        columns = [table.columns[name] for name in names]
        arrays = [sa.bindparam(f"beside_{number}_{c.name}", type_=postgresql.ARRAY(c.type)) for c in columns]
        rows = sa.func.unnest(*arrays).table_valued(*(sa.column(c.name, c.type) for c in columns)).render_derived()
        insert = upsert(engine, table) if replaces else sa.insert(table)
        among_them = sa.select(*rows.c).select_from(place.join(rows, sa.true()))
        written.append(insert.from_select(list(names), among_them).cte(f"beside_{number}"))
    return sa.select(position).add_cte(*written)


def _place() -> sa.CTE:
    """The next position, if nothing stands against the event and the lock is to be had at once."""
    head = sa.select((sa.func.coalesce(sa.func.max(events.c.position), 0) + 1).label("position")).subquery("head")
    newest = (
        sa.select(events.c.version, events.c.event_id)
        .where(events.c.case_id == _of(events.c.case_id))
        .order_by(events.c.version.desc())
        .limit(sa.literal_column("1"))
        .cte("newest")
    )
    version = sa.func.coalesce(sa.select(newest.c.version).scalar_subquery(), 0)
    follows = sa.select(newest.c.event_id).scalar_subquery()
    used = sa.exists().where(
        events.c.idempotency_key == _of(events.c.idempotency_key), events.c.actor == _of(events.c.actor)
    )
    taken = sa.exists().where(cases.c.worksafebc_account == _of(cases.c.worksafebc_account), cases.c.state != CLOSED)
    return (
        sa.select(head.c.position)
        .where(
            version == _of(events.c.version) - 1,
            follows.is_not_distinct_from(sa.bindparam("follows", type_=sa.Uuid)),
            ~used,
            sa.or_(_of(events.c.version) > 1, ~taken),
            sa.func.pg_try_advisory_xact_lock(WRITER_LOCK),
        )
        .cte("place")
    )


def _of(column: sa.ColumnClause[Any]) -> sa.BindParameter[Any]:
    """The value that is given for a column of the event or of its case."""
    return sa.bindparam(str(column).replace(".", "_"), type_=column.type)
