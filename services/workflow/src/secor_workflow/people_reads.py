"""Who was shown which person or text, and when: on record before the answer leaves, many reads in one write."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.clock import true_now
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import people_reads
from secor_workflow.logs import logger

READS_LOCK = 0x5EC0_410B
FORGET_SECONDS = 3600.0
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What somebody was shown: a person, or a text of a case; ids only."""

    actor_id: str
    role: str
    operation: str
    request_id: str
    case_id: UUID
    person_id: UUID | None = None
    text_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    read_id: UUID
    read_at: datetime
    read: Read


class PeopleReads:
    """The record. Reads that come at once are written at once; the write that goes on is the only delay."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID], keep_days: int) -> None:
        self._engine, self._new_id, self._keep = engine, new_id, timedelta(days=keep_days)
        self._waiting: list[tuple[Recorded, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def note(self, reads: Sequence[Read]) -> None:
        """Returns once they are durable. What cannot be put on record must not be shown."""
        loop = asyncio.get_running_loop()
        noted = [
            (Recorded(read_id=self._new_id(), read_at=true_now(), read=read), loop.create_future()) for read in reads
        ]
        self._waiting += noted
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="people-reads")
        for _, written in noted:
            await written

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = [asdict(one.read) | {"read_id": one.read_id, "read_at": one.read_at} for one, _ in batch]
            try:
                async with exclusive(self._engine, READS_LOCK) as connection:
                    await connection.execute(sa.insert(people_reads), rows)
            except Exception as error:  # noqa: BLE001 (each reader gets it as its own)
                _settle(batch, error)
            else:
                _settle(batch, None)

    async def page(self, *where: sa.ColumnElement[bool], limit: int) -> list[Recorded]:
        """The newest that fit, newest first."""
        query = sa.select(people_reads).where(*where).order_by(people_reads.c.read_id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return [_recorded(row) for row in await connection.execute(query)]

    async def forget_forever(self) -> None:
        """Every hour, remember no longer what is older than the service keeps it."""
        while True:
            try:
                async with exclusive(self._engine, READS_LOCK) as connection:
                    await connection.execute(
                        sa.delete(people_reads).where(people_reads.c.read_at < true_now() - self._keep)
                    )
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("old reads of people could not be forgotten", error=type(error).__name__)
            await asyncio.sleep(FORGET_SECONDS)


def _settle(batch: list[tuple[Recorded, "asyncio.Future[None]"]], error: Exception | None) -> None:
    for _, written in batch:
        if written.done():  # its reader may have gone away
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)


def _recorded(row: sa.Row[tuple[object, ...]]) -> Recorded:
    columns = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    read = Read(**{name: columns[name] for name in Read.__dataclass_fields__})
    return Recorded(read_id=columns["read_id"], read_at=columns["read_at"], read=read)
