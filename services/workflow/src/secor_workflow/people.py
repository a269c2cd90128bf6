"""Names, addresses and free text, kept beside the log and erasable for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive, forget_bytes, upsert
from secor_workflow.database.tables import people, texts
from secor_workflow.domain.beside import Person, Text


@dataclass(frozen=True, slots=True)
class KnownPerson:
    person_id: UUID
    case_id: UUID
    name: str | None
    email: str | None
    phone: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownText:
    text_id: UUID
    case_id: UUID
    text: str | None
    erased_at: datetime | None


class People:
    """The people of all cases."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def keep(self, case_id: UUID, parts: Iterable[Person | Text]) -> tuple[sa.Executable, ...]:
        """The statements that keep a wish's people and texts; they are run with its event."""
        return tuple(self._statement(case_id, part) for part in parts)

    def _statement(self, case_id: UUID, part: Person | Text) -> sa.Executable:
        if isinstance(part, Text):
            return sa.insert(texts).values(text_id=part.id, case_id=case_id, text=part.root)
        return upsert(self._engine, people).values(
            person_id=part.id, case_id=case_id, name=part.name, email=part.email, phone=part.phone, erased_at=None
        )

    async def known_in(self, case_id: UUID) -> dict[str, UUID]:
        """The people of a case by e-mail address, case-folded."""
        query = sa.select(people.c.email, people.c.person_id).where(
            people.c.case_id == case_id, people.c.email.is_not(None)
        )
        async with self._engine.connect() as connection:
            return {email.casefold(): person_id for email, person_id in await connection.execute(query)}

    async def person(self, person_id: UUID) -> KnownPerson | None:
        """Someone, or what is left of them after erasure."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(sa.select(people).where(people.c.person_id == person_id))).first()
        return KnownPerson(row.person_id, row.case_id, row.name, row.email, row.phone, row.erased_at) if row else None

    async def text(self, text_id: UUID) -> KnownText | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(sa.select(texts).where(texts.c.text_id == text_id))).first()
        return KnownText(row.text_id, row.case_id, row.text, row.erased_at) if row else None

    async def words_of(self, text_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Some texts by id; what was erased is left out."""
        query = sa.select(texts.c.text_id, texts.c.text).where(texts.c.text_id.in_(text_ids), texts.c.text.is_not(None))
        async with self._engine.connect() as connection:
            return {row.text_id: row.text for row in await connection.execute(query)}

    async def texts_of(self, case_id: UUID) -> list[UUID]:
        """The ids of a case's texts that are still kept."""
        query = sa.select(texts.c.text_id).where(texts.c.case_id == case_id, texts.c.erased_at.is_(None))
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query.order_by(texts.c.text_id)))

    async def erase_person(self, person_id: UUID, *, by: str, reason: str, now: datetime) -> None:
        """Erase a person for good: the row keeps its id and the time, the values are gone from the files too."""
        gone = {"name": None, "email": None, "phone": None}
        await self._erase(people, people.c.person_id == person_id, gone, by, reason, now)

    async def erase_text(self, text_id: UUID, *, by: str, reason: str, now: datetime) -> None:
        """Erase a free text for good."""
        await self._erase(texts, texts.c.text_id == text_id, {"text": None}, by, reason, now)

    async def _erase(  # noqa: PLR0913 (what, and what is recorded of it)
        self,
        table: sa.Table,
        which: sa.ColumnElement[bool],
        gone: dict[str, None],
        by: str,
        reason: str,
        now: datetime,
    ) -> None:
        values = {**gone, "erased_at": now, "erased_by": by, "erased_for": reason}
        async with exclusive(self._engine) as connection:
            await connection.execute(sa.update(table).where(which, table.c.erased_at.is_(None)).values(values))
        await forget_bytes(self._engine, table)
