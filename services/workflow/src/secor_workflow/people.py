"""Names, addresses and free text, kept beside the log and erasable for good."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.clock import true_now
from secor_workflow.database.engine import among, exclusive, forget_bytes, reading
from secor_workflow.database.rows import Row
from secor_workflow.database.tables import people, texts
from secor_workflow.database.together import Together
from secor_workflow.domain.beside import Person, Text


@dataclass(frozen=True, slots=True)
class KnownPerson:
    person_id: UUID
    case_id: UUID
    name: str | None
    email: str | None
    phone: str | None
    erased_at: datetime | None
    forgotten_at: datetime | None = None
    """When the erased values were gone from the data files too."""


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
        self._forgetting = asyncio.Lock()
        self._known = Together(self._known_in)

    def keep(self, case_id: UUID, parts: Iterable[Person | Text]) -> tuple[Row, ...]:
        """The rows that keep a wish's people and texts; they are written with its event."""
        return tuple(_row(case_id, part) for part in parts)

    def erasing(self, person_id: UUID, *, by: str, reason: str, now: datetime) -> sa.Executable:
        """The statement that empties a person's row for good; it is run with the event that tells of it."""
        gone = {"name": None, "email": None, "phone": None, "erased_at": now, "erased_by": by, "erased_for": reason}
        return sa.update(people).where(people.c.person_id == person_id, people.c.erased_at.is_(None)).values(gone)

    async def known_in(self, case_id: UUID) -> dict[str, UUID]:
        """The people of a case by e-mail address, case-folded."""
        return await self._known.ask(case_id) or {}

    async def finish(self) -> None:
        """Wait until no query of ours is running any more."""
        await self._known.finish()

    async def _known_in(self, case_ids: Sequence[UUID]) -> dict[UUID, dict[str, UUID]]:
        query = sa.select(people.c.case_id, people.c.email, people.c.person_id).where(
            among(self._engine, people.c.case_id, "case_ids"), people.c.email.is_not(None)
        )
        known: dict[UUID, dict[str, UUID]] = {}
        async with reading(self._engine).connect() as connection:
            for case_id, email, person_id in await connection.execute(query, {"case_ids": case_ids}):
                known.setdefault(case_id, {})[email.casefold()] = person_id
        return known

    async def person(self, person_id: UUID) -> KnownPerson | None:
        """Someone, or what is left of them after erasure."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(sa.select(people).where(people.c.person_id == person_id))).first()
        return _person(row) if row else None

    async def people_of(self, case_id: UUID) -> list[KnownPerson]:
        """Everybody who was ever named in a case, erased or not."""
        query = sa.select(people).where(people.c.case_id == case_id).order_by(people.c.person_id)
        async with self._engine.connect() as connection:
            return [_person(row) for row in await connection.execute(query)]

    async def with_address(self, email: str) -> list[KnownPerson]:
        """Everybody with an e-mail address, in whichever case."""
        query = sa.select(people).where(sa.func.lower(people.c.email) == email.lower()).order_by(people.c.person_id)
        async with self._engine.connect() as connection:
            return [_person(row) for row in await connection.execute(query)]

    async def text(self, text_id: UUID) -> KnownText | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(sa.select(texts).where(texts.c.text_id == text_id))).first()
        return KnownText(row.text_id, row.case_id, row.text, row.erased_at) if row else None

    async def words_of(self, text_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Some texts by id; what was erased is left out."""
        query = sa.select(texts.c.text_id, texts.c.text).where(texts.c.text_id.in_(text_ids), texts.c.text.is_not(None))
        async with self._engine.connect() as connection:
            return {row.text_id: row.text for row in await connection.execute(query)}

    async def kept_texts_of(self, case_id: UUID) -> list[KnownText]:
        """A case's texts that are still kept, oldest first."""
        query = (
            sa.select(texts).where(texts.c.case_id == case_id, texts.c.erased_at.is_(None)).order_by(texts.c.text_id)
        )
        async with self._engine.connect() as connection:
            return [
                KnownText(row.text_id, row.case_id, row.text, row.erased_at) for row in await connection.execute(query)
            ]

    async def texts_of(self, case_id: UUID) -> list[UUID]:
        """The ids of a case's texts that are still kept."""
        query = sa.select(texts.c.text_id).where(texts.c.case_id == case_id, texts.c.erased_at.is_(None))
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query.order_by(texts.c.text_id)))

    async def erase_text(self, text_id: UUID, *, by: str, reason: str, now: datetime) -> None:
        """Erase a free text for good; safe to repeat."""
        gone = {"text": None, "erased_at": now, "erased_by": by, "erased_for": reason}
        async with exclusive(self._engine) as connection:
            await connection.execute(
                sa.update(texts).where(texts.c.text_id == text_id, texts.c.erased_at.is_(None)).values(gone)
            )
        await self.forget()

    async def forget(self) -> bool:
        """See that what was erased is gone from the data files too; whether there was anything left to do.

        It finds by itself what an erasure that was cut short has left, so it may be called at any time.
        """
        async with self._forgetting:  # one at a time: whoever waited for another finds it done
            return await self._forget()

    async def _forget(self) -> bool:
        found = False
        for table, key in ((people, people.c.person_id), (texts, texts.c.text_id)):
            left = sa.select(key).where(table.c.erased_at.is_not(None), table.c.forgotten_at.is_(None))
            async with self._engine.connect() as connection:
                erased = list(await connection.scalars(left))  # those of now: another may be erased meanwhile
            if erased:
                found = True
                await forget_bytes(self._engine, table)
                async with exclusive(self._engine) as connection:
                    gone = sa.update(table).where(key == sa.bindparam("gone")).values(forgotten_at=true_now())
                    await connection.execute(gone, [{"gone": one} for one in erased])
        return found


def _row(case_id: UUID, part: Person | Text) -> Row:
    if isinstance(part, Text):
        return Row(texts, {"text_id": part.id, "case_id": case_id, "text": part.root})
    told = {"name": part.name, "email": part.email, "phone": part.phone, "erased_at": None}
    return Row(people, {"person_id": part.id, "case_id": case_id, **told}, replaces=True)


def _person(row: sa.Row[tuple[object, ...]]) -> KnownPerson:
    return KnownPerson(row.person_id, row.case_id, row.name, row.email, row.phone, row.erased_at, row.forgotten_at)
