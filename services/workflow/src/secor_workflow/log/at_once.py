"""Appends on PostgreSQL that nothing stands against: one statement looks, places and writes, and is a transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from asyncpg import Connection, UniqueViolationError
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.direct import Question
from secor_workflow.database.engine import WRITER_LOCK, among
from secor_workflow.database.rows import Row, Rows, Shape, by_table, inserting, shape_of, upsert
from secor_workflow.database.tables import cases, events
from secor_workflow.log.append import Append, Appended
from secor_workflow.log.envelope import placed
from secor_workflow.log.standing import CLOSED, newest_events

_PLACED = {"position", "body"}
"""Columns that are known once there is a place."""


class AtOnce:
    """Where nobody else is writing, the round trips of a transaction cost more than all that is done in it.

    The statement looks at the log before it has the writers' lock, so it may have missed a commit. Whoever committed
    meanwhile has taken the position that it was about to take, and then the position's unique index refuses all of it.
    It waits for no lock: it would have the tables open while it did, and stand in the way of who has it and wants them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._questions: dict[Shape, Question] = {}

    async def write(self, driver: "Connection[Any]", batch: Sequence[Append]) -> list[Appended] | None:
        """The events at their places; None if something stands against one of them, or somebody else is writing."""
        rows = [part for append in batch for part in append.beside if isinstance(part, Row)]
        if len(rows) < sum(len(append.beside) for append in batch) or not _apart(batch):
            return None
        beside = by_table(rows)
        try:
            found = await self._question(beside).ask_by(driver, _values(batch, beside))
        except DBAPIError as error:
            if isinstance(error.orig, UniqueViolationError):
                return None
            raise
        if not found:
            return None
        head = int(found[0][0])
        return [Appended(position, placed(append.text, position)) for position, append in enumerate(batch, head + 1)]

    def _question(self, beside: Rows) -> Question:
        shape = shape_of(beside)
        if shape not in self._questions:
            self._questions[shape] = Question(self._engine, _statement(self._engine, shape))
        return self._questions[shape]


def _apart(batch: Sequence[Append]) -> bool:
    """Whether none of them can stand against another."""
    used = [(append.actor, append.idempotency_key) for append in batch if append.idempotency_key]
    new = [append.row["worksafebc_account"] for append in batch if append.version == 1]
    return all(len(set(some)) == len(some) for some in ([append.case_id for append in batch], used, new))


def _values(batch: Sequence[Append], beside: Rows) -> dict[str, object]:
    """Each parameter is a column's values."""
    columns: dict[str, object] = {
        "follows": [append.follows for append in batch],
        "text": [append.text[1:] for append in batch],
        "keys": [append.idempotency_key for append in batch if append.idempotency_key],
        "accounts": [append.row["worksafebc_account"] for append in batch if append.version == 1],
    }
    for rows in ([append.event_row() for append in batch], [append.case_row() for append in batch]):
        columns.update((name, [row[name] for row in rows]) for name in rows[0])
    for number, some in enumerate(beside.values()):
        columns.update((f"beside_{number}_{name}", [row[name] for row in some]) for name in some[0])
    return columns


def _statement(engine: AsyncEngine, shape: Shape) -> sa.Select[Any]:
    """For any number of appends, with rows of this shape beside them."""
    own = {column.name: column for table in (cases, events) for column in table.columns if column.name not in _PLACED}
    given = _rows([*own.values(), sa.column("follows", sa.Uuid), sa.column("text", sa.Text)]).cte("given")
    head = _head(engine, given)
    position = head.c.position + given.c.number
    text = sa.literal('{"position":') + position.cast(sa.Text) + sa.literal(",") + given.c.text
    known: dict[str, sa.ColumnElement[Any]] = {
        **{name: given.c[name] for name in own},
        "position": position,
        "body": text,
    }
    written = []
    for name, insert in (("event", sa.insert(events)), ("case_row", upsert(engine, cases))):
        names = [column.name for column in insert.table.columns]
        if_placed = sa.select(*(known[name] for name in names)).select_from(head.join(given, sa.true()))
        written.append(insert.from_select(names, if_placed).cte(name))
    for number, (table, replaces, columns) in enumerate(shape):
        rows = _rows([table.columns[name] for name in columns], f"beside_{number}_").subquery()
        insert = inserting(engine, table, replaces=replaces)
        if_placed = sa.select(*(rows.c[name] for name in columns)).select_from(head.join(rows, sa.true()))
        written.append(insert.from_select(list(columns), if_placed).cte(f"beside_{number}"))
    return sa.select(head.c.position).add_cte(*written)


def _rows(columns: Sequence[sa.ColumnClause[Any]], prefix: str = "") -> sa.Select[Any]:
    """Rows made of columns that are given, each with its number."""
    arrays = [sa.bindparam(f"{prefix}{column.name}", type_=postgresql.ARRAY(column.type)) for column in columns]
    made = [sa.column(column.name, column.type) for column in columns]
    return sa.select(sa.func.unnest(*arrays).table_valued(*made, with_ordinality="number").render_derived())


def _head(engine: AsyncEngine, given: sa.CTE) -> sa.CTE:
    """The last position, if nothing stands against any of them and the lock is to be had at once."""
    last = sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0).label("position")).subquery("last")
    newest = newest_events(given.c.case_id)
    behind = sa.func.coalesce(newest.c.version, 0) != given.c.version - 1
    other = newest.c.event_id.is_distinct_from(given.c.follows)
    moved_on = sa.exists().where(sa.or_(behind, other)).select_from(given.outerjoin(newest, sa.true()))
    used = sa.exists().where(among(engine, events.c.idempotency_key, "keys"))
    taken = sa.exists().where(among(engine, cases.c.worksafebc_account, "accounts"), cases.c.state != CLOSED)
    lock = sa.func.pg_try_advisory_xact_lock(WRITER_LOCK)
    return sa.select(last.c.position).where(~moved_on, ~used, ~taken, lock).cte("head")
