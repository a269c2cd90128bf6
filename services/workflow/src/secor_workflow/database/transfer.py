"""The whole database as lines of JSON, and back into an empty one: a log moves to another kind of database as it is."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.engine import alone
from secor_workflow.database.moment import one_moment
from secor_workflow.database.schema import newest
from secor_workflow.database.tables import Instant, epochs, metadata

Progress = Callable[[int, int], None]
PRODUCER = "secor-workflow"
FORMAT = 1
"""Of the file; the columns are those of the schema that its first line names."""
_AT_ONCE = 1000


class NotImportedError(ValueError):
    """The file cannot be taken in, and nothing was; the sentence says why."""


async def write_out(engine: AsyncEngine, write: Callable[[bytes], object], progress: Progress) -> dict[str, int]:
    """Write every row of every table, as they all were at one moment; returns how many of each table there are.

    The first line says what follows, the last one the SHA-256 of all lines before it.
    """
    digest = hashlib.sha256()

    def line(told: object) -> None:
        text = to_json(told) + b"\n"
        digest.update(text)
        write(text)

    async with one_moment(engine) as connection:
        counts = {table.name: await _count(connection, table) for table in metadata.sorted_tables}
        line({"from": PRODUCER, "format": FORMAT, "schema": newest(), "rows": counts})
        done, total = 0, sum(counts.values())
        for table in metadata.sorted_tables:
            rows = await connection.stream(sa.select(table).order_by(*table.primary_key))
            async for row in rows.mappings():
                line({"table": table.name, "row": dict(row)})
                progress(done := done + 1, total)
    write(to_json({"sha256": digest.hexdigest()}) + b"\n")
    return counts


async def take_in(engine: AsyncEngine, lines: Iterable[bytes], progress: Progress) -> dict[str, int]:
    """Take what was written out into an empty database, all or nothing; returns how many rows of each table.

    Raises NotImportedError, or InUseError if anybody else has the database open.
    """
    reader = _Reader(iter(lines))
    counts = reader.head()
    async with alone(engine, epochs) as connection:
        for table in metadata.sorted_tables:
            if table is not epochs and await _count(connection, table):
                raise NotImportedError(f"The database is not empty: there are rows in {table.name}.")
        await connection.execute(sa.delete(epochs))  # the one that it was born with; cursors go on in those of the file
        done, total = 0, sum(counts.values())
        for table, rows in reader.chunks():
            await connection.execute(sa.insert(table), rows)
            progress(done := done + len(rows), total)
        if reader.read != counts:
            raise NotImportedError("The file does not hold as many rows as it says in its first line.")
    return counts


async def _count(connection: AsyncConnection, table: sa.Table) -> int:
    return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


class _Reader:
    """Reads what was written out, and is not content before it has seen the last line and its digest."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._digest = lines, hashlib.sha256()
        self.read = dict.fromkeys((table.name for table in metadata.sorted_tables), 0)

    def head(self) -> dict[str, int]:
        told = self._next()
        if told.get("from") != PRODUCER or told.get("format") != FORMAT:
            raise NotImportedError("The file was not written by `secor-workflow export`.")
        if told["schema"] != newest():
            raise NotImportedError(
                f"The file is of schema {told['schema']}, this program's is {newest()}: import it with the version "
                "that wrote it, then migrate."
            )
        return dict(told["rows"])

    def chunks(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        """Rows of one table each time, so many as fit into one statement."""
        for name, lines in groupby(self._rows(), key=lambda told: str(told["table"])):
            if name not in self.read:
                raise NotImportedError(f"The file has rows of a table {name}, which is unknown here.")
            table, rows = metadata.tables[name], list[dict[str, Any]]()
            for told in lines:
                self.read[name] += 1
                rows.append({column.name: _back(column, told["row"][column.name]) for column in table.columns})
                if len(rows) == _AT_ONCE:
                    yield table, rows
                    rows = []
            if rows:
                yield table, rows

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        while True:
            before = self._digest.hexdigest()
            told = self._next()
            if "sha256" in told:
                if told["sha256"] != before:
                    raise NotImportedError("The file was changed since it was written: its digest is another.")
                return
            yield told

    def _next(self) -> dict[str, Any]:
        text = next(self._lines, b"")
        if not text.endswith(b"\n"):
            raise NotImportedError("The file is cut off: its last line is missing.")
        self._digest.update(text)
        try:
            told = from_json(text)
        except ValueError as error:
            raise NotImportedError(f"The file has a line that is not JSON: {error}.") from None
        if not isinstance(told, dict):
            raise NotImportedError("The file has a line that is no JSON object.")
        return told


def _back(column: sa.Column[Any], value: Any) -> Any:  # noqa: ANN401 (whatever the column holds)
    """A value as the column takes it, from JSON."""
    if value is None:
        return None
    if isinstance(column.type, sa.Uuid):
        return UUID(value)
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value
