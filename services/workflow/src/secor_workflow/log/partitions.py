"""The log as a table partitioned by position (PostgreSQL): cut without being rewritten, and continued ahead of time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.engine import exclusive, reading
from secor_workflow.database.tables import UNIQUE_ACROSS_PARTITIONS, events
from secor_workflow.log.archives import beginning

_LOG = "events"
_FITS = "events_first_partition"
PATIENCE = "SET LOCAL lock_timeout = '10s'"  # who waits for a lock on the log makes everybody else wait behind
_BOUND = re.compile(r"FOR VALUES FROM \('(\d+)'\) TO \('(\d+)'\)")
_PARTITIONS = sa.text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'events'::regclass"
)
_INDEXES = sa.text(
    "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition, i.indisunique "
    "FROM pg_index i WHERE i.indrelid = CAST(:table AS regclass) AND NOT i.indisprimary "
    "AND (:inherited OR NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))"
)
_RIGHTS = sa.text(
    "SELECT quote_ident(pg_get_userbyid(a.grantee)) AS role, string_agg(a.privilege_type, ', ') AS rights "
    "FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'events'::regclass AND a.grantee NOT IN (0, c.relowner) "
    "GROUP BY a.grantee"
)


@dataclass(frozen=True, slots=True)
class Partition:
    """A table that holds a range of positions, both ends included."""

    table: str
    first: int
    last: int


async def partitions_of(connection: AsyncConnection) -> list[Partition]:
    """The log's partitions, oldest first; none if it is one table."""
    found = []
    for table, bound in await connection.execute(_PARTITIONS):
        match = _BOUND.fullmatch(bound)
        assert match is not None  # noqa: S101 (no others are made)
        found.append(Partition(table, int(match[1]), int(match[2]) - 1))
    return sorted(found, key=lambda partition: partition.first)


async def head_of(connection: AsyncConnection) -> int:
    return int(await connection.scalar(sa.select(sa.func.max(events.c.position))) or 0)


async def prepare(engine: AsyncEngine, *, size: int, ahead: int) -> list[Partition]:
    """Cut the log at its end if it is one table, and have so many empty partitions beyond its head. To be repeated.

    The service goes on meanwhile; it waits for a moment when the table changes its name.
    """
    async with engine.connect() as connection:
        cut = bool(await partitions_of(connection))
    if not cut:
        first, last = await _make_sure_that_it_fits(engine, size)
        async with exclusive(engine) as connection:
            await _cut(connection, first, last)
    async with exclusive(engine) as connection:
        head, found = await head_of(connection), await partitions_of(connection)
        while sum(partition.first > head for partition in found) < ahead:
            first = found[-1].last + 1
            found.append(await add(connection, first, first + size - 1, like=found[-1].table))
    return found


async def _make_sure_that_it_fits(engine: AsyncEngine, size: int) -> tuple[int, int]:
    """Where the first partition begins, after what was archived, and ends: at a multiple of the size, with half to go.

    The rows are looked through once, while the service goes on; so taking the table as a partition looks at none.
    """
    async with engine.begin() as connection:
        await connection.execute(sa.text(PATIENCE))
        first = await beginning(connection) + 1
        last = ((await head_of(connection) + size // 2) // size + 1) * size
        await connection.exec_driver_sql(f"ALTER TABLE {_LOG} DROP CONSTRAINT IF EXISTS {_FITS}")
        await connection.exec_driver_sql(
            f"ALTER TABLE {_LOG} ADD CONSTRAINT {_FITS} CHECK (position BETWEEN {first} AND {last}) NOT VALID"
        )
    async with reading(engine).connect() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {_LOG} VALIDATE CONSTRAINT {_FITS}")
    return first, last


async def _cut(connection: AsyncConnection, first: int, last: int) -> None:
    """The table becomes the first partition of one that takes its name, its rights and what guards it."""
    part = name_from(first)
    await connection.execute(sa.text(PATIENCE))
    await connection.exec_driver_sql(f"LOCK TABLE {_LOG} IN ACCESS EXCLUSIVE MODE")
    indexes = (await connection.execute(_INDEXES, {"table": _LOG, "inherited": True})).all()
    rights = (await connection.execute(_RIGHTS)).all()
    owner = await connection.scalar(
        sa.text("SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class WHERE oid = 'events'::regclass")
    )
    statements = [
        *(f"ALTER INDEX {name} RENAME TO {_renamed(name, part)}" for name, _, _ in indexes),
        f"ALTER INDEX {_LOG}_pkey RENAME TO {part}_pkey",
        f"ALTER TABLE {_LOG} RENAME TO {part}",
        f"CREATE TABLE {_LOG} (LIKE {part} INCLUDING DEFAULTS INCLUDING COMMENTS) PARTITION BY RANGE (position)",
        f"ALTER TABLE {_LOG} OWNER TO {owner}",
        f"COMMENT ON TABLE {_LOG} IS '{events.comment}'",
        f"ALTER TABLE {_LOG} ADD CONSTRAINT {_LOG}_pkey PRIMARY KEY (position)",
        *(definition for _, definition, unique in indexes if not unique),
        f"ALTER TABLE {_LOG} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last + 1})",
        f"ALTER TABLE {part} DROP CONSTRAINT {_FITS}",
        _append_only(_LOG),
        "DROP FUNCTION IF EXISTS refuse_twice()",
        *UNIQUE_ACROSS_PARTITIONS,
        *(f"GRANT {granted} ON {_LOG} TO {role}" for role, granted in rights),
        *(f"REVOKE ALL ON {part} FROM {role}" for role, _ in rights),  # what goes past the log's own name is unguarded
    ]
    for statement in statements:
        await connection.exec_driver_sql(statement)


async def add(connection: AsyncConnection, first: int, last: int, *, like: str) -> Partition:
    """A new, empty partition, with all that guards the others."""
    part = Partition(name_from(first), first, last)
    await connection.execute(sa.text(PATIENCE))
    await connection.exec_driver_sql(
        f"CREATE TABLE {part.table} PARTITION OF {_LOG} FOR VALUES FROM ({first}) TO ({last + 1})"
    )
    for statement in await guards(connection, part.table, like=like):
        await connection.exec_driver_sql(statement)
    return part


async def guards(connection: AsyncConnection, table: str, *, like: str, inherited: bool = False) -> Sequence[str]:
    """The statements that give a table what a partition has of its own: unique indexes, and that nothing is changed.

    One that is not a partition yet has not inherited the other indexes either.
    """
    own = (await connection.execute(_INDEXES, {"table": like, "inherited": inherited})).all()
    return [*(definition.replace(like, table) for _, definition, _ in own), _append_only(table)]


def name_from(first: int) -> str:
    return f"{_LOG}_from_{first}"


def _renamed(index: str, part: str) -> str:
    return f"{part}_{index.removeprefix(f'{_LOG}_')}"


def _append_only(table: str) -> str:
    return (
        f"CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
