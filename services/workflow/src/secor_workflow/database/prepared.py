"""Statements that SQLite's own driver runs: put together once; values and rows are changed as SQLAlchemy would."""

from collections.abc import Callable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

import sqlalchemy as sa

Change = Callable[[Any], Any] | None


class Prepared:
    """A statement that is run again and again with other values."""

    def __init__(
        self, dialect: sa.Dialect, statement: sa.Insert | sa.CompoundSelect[Any], names: Sequence[str] = ()
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        kinds = {name: bound.type.dialect_impl(dialect) for name, bound in compiled.binds.items()}
        self._text, self._fixed = str(compiled), compiled.params
        self._given = [(name, kinds[name].bind_processor(dialect)) for name in compiled.positiontup or ()]
        found = () if isinstance(statement, sa.Insert) else statement.selected_columns
        self._found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in found]

    def ask(self, connection: Connection, values: Mapping[str, object]) -> list[Sequence[Any]]:
        """What is found."""
        rows = connection.execute(self._text, self._values({**self._fixed, **values}))
        return [[_changed(value, how) for value, how in zip(row, self._found, strict=True)] for row in rows]

    def write(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Write some rows."""
        connection.executemany(self._text, [self._values(row) for row in rows])

    def _values(self, of: Mapping[str, object]) -> list[Any]:
        return [_changed(of[name], how) for name, how in self._given]


def _changed(value: object, how: Change) -> object:
    return value if how is None else how(value)
