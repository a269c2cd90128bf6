"""Rows of several tables that are written together, and the statements that write them."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine


class Row(NamedTuple):
    """A row to be written together with those of others; it replaces the one with the same primary key, if it may."""

    table: sa.Table
    values: dict[str, Any]
    replaces: bool = False


Rows = dict[tuple[sa.Table, bool], list[dict[str, Any]]]
Kind = tuple[sa.Table, bool, tuple[str, ...]]
"""Of rows of one table: whether they replace others, and their columns."""
Shape = tuple[Kind, ...]
"""Of rows of several tables. What has one shape is one statement."""


def by_table(rows: Iterable[Row]) -> Rows:
    """The values of rows for each table, and whether they replace others; of several with one key, the last."""
    of_table: dict[tuple[sa.Table, bool], dict[object, dict[str, Any]]] = {}
    for row in rows:
        same = of_table.setdefault((row.table, row.replaces), {})
        key = tuple([row.values[column.name] for column in row.table.primary_key]) if row.replaces else len(same)
        same[key] = row.values
    return {which: list(same.values()) for which, same in of_table.items()}


def shape_of(rows: Rows) -> Shape:
    return tuple((table, replaces, tuple(same[0])) for (table, replaces), same in rows.items())


def inserting(engine: AsyncEngine, table: sa.Table, *, replaces: bool) -> sa.Insert:
    """Insert rows, which may replace others or not."""
    return upsert(engine, table) if replaces else sa.insert(table)


def upsert(engine: AsyncEngine, table: sa.Table) -> sa.Insert:
    """Insert rows, or replace those with the same primary key."""
    return _upsert(engine.dialect.name, table)


@cache
def _upsert(dialect: str, table: sa.Table) -> sa.Insert:
    """Made once for a table: putting it together costs more than running it."""
    module = postgresql if dialect == "postgresql" else sqlite
    insert = module.insert(table)
    key = [column.name for column in table.primary_key]
    values = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    statement: sa.Insert = insert.on_conflict_do_update(index_elements=key, set_=values)
    return statement
