"""What the log cannot know of a document's bytes: that they were scanned, and that they were erased."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import document_bytes


class Bytes(NamedTuple):
    """Some bytes of a case, by their digest."""

    case_id: UUID
    sha256: str


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"


@dataclass(frozen=True, slots=True)
class Condition:
    """The bytes of one digest in one case."""

    scanned_at: datetime | None = None
    verdict: Verdict | None = None
    erased_at: datetime | None = None
    erased_by: str | None = None
    erased_for: str | None = None


class Conditions:
    """One row for bytes that were scanned or erased; no row means neither."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, case_id: UUID, sha256: str) -> Condition:
        """The condition of some bytes."""
        return (await self.of_case(case_id)).get(sha256, Condition())

    async def of_case(self, case_id: UUID) -> dict[str, Condition]:
        """The conditions of a case's bytes, by digest."""
        query = sa.select(document_bytes).where(document_bytes.c.case_id == case_id)
        async with self._engine.connect() as connection:
            return {row.sha256: _condition(row) for row in await connection.execute(query)}

    async def erased(self) -> set[Bytes]:
        """All bytes that were erased."""
        query = sa.select(document_bytes.c.case_id, document_bytes.c.sha256).where(
            document_bytes.c.erased_at.is_not(None)
        )
        async with self._engine.connect() as connection:
            return {Bytes(case_id, sha256) for case_id, sha256 in await connection.execute(query)}

    async def note_scan(self, case_id: UUID, sha256: str, verdict: Verdict, now: datetime) -> None:
        await self._note(case_id, sha256, {"scanned_at": now, "verdict": verdict.value})

    async def note_erasure(self, case_id: UUID, sha256: str, *, by: str, reason: str, now: datetime) -> None:
        """To be noted before the bytes are deleted: nobody is given them from here on. The first erasure stands."""
        values = {"erased_at": now, "erased_by": by, "erased_for": reason}
        await self._note(case_id, sha256, values, document_bytes.c.erased_at.is_(None))

    async def _note(
        self, case_id: UUID, sha256: str, values: dict[str, object], *only_where: sa.ColumnElement[bool]
    ) -> None:
        table = document_bytes
        these = sa.and_(table.c.case_id == case_id, table.c.sha256 == sha256)
        async with exclusive(self._engine) as connection:  # so that nobody else inserts between look and insert
            if await connection.scalar(sa.select(sa.literal(1)).where(these).select_from(table)):
                await connection.execute(sa.update(table).where(these, *only_where).values(values))
            else:
                await connection.execute(sa.insert(table), {"case_id": case_id, "sha256": sha256, **values})


def _condition(row: sa.Row[tuple[object, ...]]) -> Condition:
    verdict = row.verdict and Verdict(row.verdict)
    return Condition(row.scanned_at, verdict, row.erased_at, row.erased_by, row.erased_for)
