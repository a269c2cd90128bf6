"""Rows in every table of a database, whatever its tables are today: what a migration must not lose."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

ROWS = 3
FIRST = 101
"""Keys of made-up rows, beyond those that migrations write themselves."""
WATCH = {"case_id": "c", "position": 4, "state": "NoticeFiled", "deadlines": [], "held": False}
SAID: Mapping[str, str] = {"status": "sent", "watch": json.dumps(WATCH), "state": "NoticeFiled"}
"""Columns whose values a migration reads."""

EMPTY = {"log_archives"}
"""Its migration leads back only while nothing is archived, and says so."""

Rows = dict[tuple[object, ...], dict[str, object]]
Content = dict[str, Rows]
"""Tables, and in each the rows by their keys."""


def fill(connection: sa.Connection) -> None:
    """Add rows to every table; each column has a value, and no two rows of a table share one."""
    for table in tables_of(connection):
        if table.name not in EMPTY:
            numbers = range(FIRST, FIRST + ROWS)
            rows = [{column.name: _value(column, number) for column in table.columns} for number in numbers]
            connection.execute(table.insert(), rows)


def content_of(connection: sa.Connection) -> Content:
    """Every row of every table."""
    return {table.name: _rows(connection, table) for table in tables_of(connection)}


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """As they are in the database, which may be of any version."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _rows(connection: sa.Connection, table: sa.Table) -> Rows:
    rows = (dict(row) for row in connection.execute(sa.select(table)).mappings())
    return {tuple(row[column.name] for column in table.primary_key): row for row in rows}


def _value(column: sa.Column[Any], number: int) -> object:
    if column.name in SAID and isinstance(column.type, sa.String):
        return SAID[column.name]
    return next(make(column, number) for kind, make in _KINDS.items() if isinstance(column.type, kind))


_KINDS: Mapping[type[sa.types.TypeEngine[Any]], Callable[[sa.Column[Any], int], object]] = {
    sa.Uuid: lambda _column, number: UUID(int=number),
    sa.CHAR: lambda _column, number: UUID(int=number).hex,  # SQLite's
    sa.DateTime: lambda _column, number: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number),
    sa.Date: lambda _column, number: date(2026, 11, 1) + timedelta(days=number),
    sa.Boolean: lambda _column, number: bool(number % 2),
    sa.Integer: lambda _column, number: number,
    sa.Numeric: lambda _column, number: number,
    sa.String: lambda column, number: f"{column.name} {number}",
    sa.LargeBinary: lambda _column, number: bytes([number]),
}
