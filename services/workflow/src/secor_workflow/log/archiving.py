"""Taking the oldest partition out of the log into an archive, and putting the newest archive back."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.direct import driver_of
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import archived_cases, events, log_archives
from secor_workflow.log.archive_file import ArchiveWriter, Line, rows_of, sha256_of
from secor_workflow.log.partitions import PATIENCE, Partition, guards, head_of, name_from, partitions_of

Progress = Callable[[int, int], None]
_AT_ONCE = 10_000
_SHOWN = 5


class CannotBeDoneError(Exception):
    """Why a partition cannot be taken out or put back, as a sentence."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What was taken out: its positions, both ends included, the file's name and its SHA-256."""

    first: int
    last: int
    name: str
    sha256: str


async def archives_of(connection: AsyncConnection) -> list[Archive]:
    """Every archive, oldest first."""
    table = log_archives
    query = sa.select(table.c.first_position, table.c.last_position, table.c.name, table.c.sha256)
    return [Archive(*row) for row in await connection.execute(query.order_by(table.c.first_position))]


# --- out --------------------------------------------------------------------------------------------------------------


async def detach(engine: AsyncEngine, folder: Path, now: datetime, progress: Progress) -> Archive:
    """Write the oldest partition to a file and take it out of the log. Raises CannotBeDoneError.

    The file is whole before anything is taken out; broken off, nothing was changed.
    """
    async with engine.connect() as connection:
        oldest = await _oldest(connection)
        await _refuse_if_needed(connection, oldest)
        name = f"secor-events-{oldest.first:012}-{oldest.last:012}.ndjson"
        sha256, lines = await _export(connection, oldest, folder / name, progress)
    archive = Archive(oldest.first, oldest.last, name, sha256)
    async with exclusive(engine) as connection:
        await connection.execute(sa.text(PATIENCE))
        await _refuse_if_needed(connection, oldest)
        await _take_out(connection, oldest, archive, lines, now)
    return archive


async def _oldest(connection: AsyncConnection) -> Partition:
    partitions = await partitions_of(connection)
    if not partitions:
        raise CannotBeDoneError("The log has no partitions; `secor-workflow partitions prepare` cuts it into some.")
    if partitions[0].last >= await head_of(connection):
        raise CannotBeDoneError("The oldest partition is the one that is being written; there is nothing to take out.")
    return partitions[0]


async def _refuse_if_needed(connection: AsyncConnection, partition: Partition) -> None:
    """A case that is open must be whole in the log: whatever is decided about it is decided on all its events."""
    query = sa.text(
        "SELECT c.case_id FROM cases c WHERE c.state <> 'Closed' "  # noqa: S608 (our own names)
        f"AND EXISTS (SELECT 1 FROM {partition.table} e WHERE e.case_id = c.case_id) ORDER BY c.case_id LIMIT {_SHOWN}"
    )
    if found := [str(case_id) for case_id in await connection.scalars(query)]:
        raise CannotBeDoneError(
            f"Cases that are open have events in positions {partition.first} to {partition.last}: {', '.join(found)}"
            f"{' and perhaps more' if len(found) == _SHOWN else ''}. It can be taken out when they are closed."
        )


async def _export(connection: AsyncConnection, partition: Partition, path: Path, progress: Progress) -> tuple[str, int]:
    """The rows of a full partition never change, so it is read without a lock."""
    columns = (events.c.idempotency_key, events.c.request_digest, events.c.body)
    writer, at = ArchiveWriter(path), partition.first - 1
    try:
        while at < partition.last:
            to = min(at + _AT_ONCE, partition.last)
            query = sa.select(*columns).where(events.c.position > at, events.c.position <= to)
            writer.write([Line(*row) for row in await connection.execute(query.order_by(events.c.position))])
            at = to
            progress(at - partition.first + 1, partition.last - partition.first + 1)
        return writer.finish(), writer.lines
    except BaseException:
        writer.give_up()
        raise


async def _take_out(
    connection: AsyncConnection, partition: Partition, archive: Archive, lines: int, now: datetime
) -> None:
    table = partition.table
    await connection.execute(
        sa.insert(log_archives).values(
            first_position=archive.first,
            last_position=archive.last,
            name=archive.name,
            sha256=archive.sha256,
            detached_at=now,
        )
    )
    ids = sa.text(f"SELECT DISTINCT case_id, {archive.first} FROM {table}").columns(  # noqa: S608 (our own names)
        case_id=sa.Uuid(), first_position=sa.BigInteger()
    )
    await connection.execute(sa.insert(archived_cases).from_select(["case_id", "first_position"], ids))
    await connection.exec_driver_sql(f"ALTER TABLE events DETACH PARTITION {table}")
    if lines != partition.last - partition.first + 1:
        raise CannotBeDoneError("Positions have a gap, so nothing was taken out; run `secor-workflow verify`.")
    await connection.exec_driver_sql(f"DROP TABLE {table}")


# --- back -------------------------------------------------------------------------------------------------------------


async def attach(engine: AsyncEngine, path: Path, progress: Progress) -> Archive:
    """Put the newest archive back before the log's beginning. Raises CannotBeDoneError; broken off, nothing changed."""
    async with engine.connect() as connection:
        archives, partitions = await archives_of(connection), await partitions_of(connection)
    if not archives:
        raise CannotBeDoneError("Nothing was taken out of the log.")
    if not partitions:
        raise CannotBeDoneError(
            "The log has no partitions to put it beside: first run `secor-workflow partitions prepare`."
        )
    archive = archives[-1]
    if partitions[0].first <= archive.last:
        raise CannotBeDoneError(
            f"There is a partition for positions up to {archive.last} already; nothing was put back."
        )
    if path.name != archive.name:
        raise CannotBeDoneError(f"The newest archive goes back first: {archive.name}.")
    if sha256_of(path) != archive.sha256:
        raise CannotBeDoneError(f"{path.name} is not the file that was written: its SHA-256 is another one.")
    part, like = Partition(name_from(archive.first), archive.first, archive.last), partitions[0].table
    await _load(engine, part, path, like, progress)
    async with exclusive(engine) as connection:
        await connection.execute(sa.text(PATIENCE))
        await connection.exec_driver_sql(
            f"ALTER TABLE events ATTACH PARTITION {part.table} FOR VALUES FROM ({part.first}) TO ({part.last + 1})"
        )
        await connection.exec_driver_sql(f"ALTER TABLE {part.table} DROP CONSTRAINT {part.table}_range")
        here = archived_cases.c.first_position == archive.first
        await connection.execute(sa.delete(archived_cases).where(here))
        await connection.execute(sa.delete(log_archives).where(log_archives.c.first_position == archive.first))
    return archive


async def _load(engine: AsyncEngine, part: Partition, path: Path, like: str, progress: Progress) -> None:
    """A table of its own with all rows, their indexes, and proof that they are of its range: nobody waits for that."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"DROP TABLE IF EXISTS {part.table}")  # what was broken off
        await connection.exec_driver_sql(
            f"CREATE TABLE {part.table} (LIKE events INCLUDING DEFAULTS INCLUDING COMMENTS, "
            f"CONSTRAINT {part.table}_range CHECK (position BETWEEN {part.first} AND {part.last}))"
        )
        names, done = [column.name for column in events.columns], 0
        driver = await driver_of(connection)
        with closing(rows_of(path)) as rows:
            while some := _tuples(rows, names):
                await driver.copy_records_to_table(part.table, records=some, columns=names)
                progress(done := done + len(some), part.last - part.first + 1)
        if done != part.last - part.first + 1:
            raise CannotBeDoneError(f"{path.name} has {done} events; nothing was put back.")
        await connection.exec_driver_sql(f"ALTER TABLE {part.table} ADD PRIMARY KEY (position)")
        for statement in await guards(connection, part.table, like=like, inherited=True):
            await connection.exec_driver_sql(statement)


def _tuples(rows: Iterator[dict[str, Any]], names: list[str]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in islice(rows, _AT_ONCE)]
