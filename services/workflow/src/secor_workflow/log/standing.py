"""How the log stands for some appends: what must be known of it before any of them may be written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.selectable import LateralFromClause

from secor_workflow.database.engine import among
from secor_workflow.database.tables import cases, events
from secor_workflow.log.append import Append, Appended, Conflict, Duplicate, Outcome
from secor_workflow.log.envelope import placed

CLOSED: sa.ColumnClause[str] = sa.literal_column("'Closed'")
"""As a parameter, it would keep the index of open cases from being used."""


@dataclass(slots=True)
class Standing:
    """How the log stands for a batch, and after each of its appends."""

    head: int = 0
    newest: dict[UUID, tuple[int, UUID | None]] = field(default_factory=dict)
    """Version and id of each case's newest event. Versions alone would not do: once a database that was behind took
    over, another event may have the version that a process remembers."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Who used which idempotency key."""
    taken: set[str] = field(default_factory=set)
    """Accounts that have an open case."""


def asked(batch: Sequence[Append]) -> Mapping[str, object]:
    """The values of `question` for some appends."""
    return {
        "case_ids": list({append.case_id for append in batch}),
        "keys": list({append.idempotency_key for append in batch if append.idempotency_key}),
        "accounts": list({append.row["worksafebc_account"] for append in batch if append.version == 1}),
    }


def told(rows: Iterable[Sequence[Any]]) -> Standing:
    """What the answer to `question` tells; it stays so only as long as nobody else may write."""
    standing = Standing()
    for number, case_id, event_id, name, key in rows:
        if case_id is not None:
            standing.newest[case_id] = number, event_id
        elif key is not None:
            standing.used.add((name, key))
        elif name is not None:
            standing.taken.add(name)
        else:
            standing.head = number or 0
    return standing


def question(engine: AsyncEngine) -> sa.CompoundSelect[Any]:
    """One statement for all that an append must know: head, newest events of its cases, used keys, taken accounts."""
    no_id, nothing, no_number = (sa.null().cast(kind) for kind in (sa.Uuid(), sa.Text(), sa.BigInteger()))
    newest = _newest_events(engine)
    return sa.union_all(
        sa.select(sa.func.max(events.c.position), no_id, no_id, nothing, nothing),
        sa.select(newest.c.version.cast(sa.BigInteger), newest.c.case_id, newest.c.event_id, nothing, nothing),
        sa.select(no_number, no_id, no_id, events.c.actor, events.c.idempotency_key).where(
            among(engine, events.c.idempotency_key, "keys")
        ),
        sa.select(no_number, no_id, no_id, cases.c.worksafebc_account, nothing).where(
            among(engine, cases.c.worksafebc_account, "accounts"), cases.c.state != CLOSED
        ),
    )


def _newest_events(engine: AsyncEngine) -> sa.Subquery:
    """Of each case its newest event, which may lie in any partition: where one is asked for, one is looked up there."""
    columns = (events.c.version, events.c.case_id, events.c.event_id)
    if engine.dialect.name == "postgresql":
        ids = sa.bindparam("case_ids", type_=postgresql.ARRAY(sa.Uuid()))
        asked = sa.func.unnest(ids).table_valued(sa.column("case_id", sa.Uuid), name="asked").render_derived()
        newest = newest_events(asked.c.case_id)
        return sa.select(newest).select_from(asked.join(newest, sa.true())).subquery()
    later = events.alias("later")
    version = sa.select(sa.func.max(later.c.version)).where(later.c.case_id == events.c.case_id).scalar_subquery()
    among_them = among(engine, events.c.case_id, "case_ids")
    return sa.select(*columns).where(among_them, events.c.version == version).subquery()


def newest_events(case_id: sa.ColumnElement[UUID]) -> LateralFromClause:
    """Beside each case its newest event, by one look into an index (PostgreSQL)."""
    one: sa.ColumnClause[int] = sa.literal_column("1")
    last = sa.select(events.c.version, events.c.case_id, events.c.event_id).where(events.c.case_id == case_id)
    return last.order_by(events.c.version.desc()).limit(one).lateral("newest")


def outcome_of(append: Append, standing: Standing) -> Outcome:
    """The next position, unless the case moved on, its key was used, or its account is taken."""
    account = append.row["worksafebc_account"]
    if append.idempotency_key and (append.actor, append.idempotency_key) in standing.used:
        return Duplicate()
    if standing.newest.get(append.case_id, (0, None)) != (append.version - 1, append.follows):
        return Conflict()
    if append.version == 1 and account in standing.taken:
        return Conflict()
    standing.head += 1
    standing.newest[append.case_id] = append.version, append.event_id
    if append.idempotency_key:
        standing.used.add((append.actor, append.idempotency_key))
    if append.version == 1:
        standing.taken.add(account)
    return Appended(standing.head, placed(append.text, standing.head))
