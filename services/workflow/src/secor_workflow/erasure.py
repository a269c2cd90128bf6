"""Erasing somebody for good: event and empty row in one transaction, the data files after it, and who confirms."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.asking import Ask, RefusedNow
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import erasure_confirmations
from secor_workflow.domain.beside import Text
from secor_workflow.domain.commands import ErasePerson
from secor_workflow.domain.context import Actor
from secor_workflow.domain.events import Event, PersonErased
from secor_workflow.domain.values import Requester
from secor_workflow.handler import Handler
from secor_workflow.logs import logger
from secor_workflow.people import KnownPerson, People

FINISH_SECONDS = 60.0
_DONE_BEFORE = {"already_erased"}
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That somebody be erased: by whom, why, and on whose behalf."""

    actor: Actor
    requested_by: Requester
    reason: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A consumer of the feed has forgotten an erased person."""

    consumer: str
    confirmed_at: datetime
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure as it stands: the event that tells of it, and who has confirmed since."""

    person: KnownPerson
    event: Event
    fact: PersonErased
    confirmations: tuple[Confirmation, ...]


class Erasure:
    """Erases people, and knows who has confirmed it."""

    def __init__(self, engine: AsyncEngine, handler: Handler) -> None:
        self._engine, self._handler = engine, handler

    @property
    def _people(self) -> People:
        return self._handler.people

    async def erase(self, person: KnownPerson, asked: Asked) -> None:
        """Erase somebody for good; whoever was erased before stays so, with no second event.

        Raises what the handler raises, and TimeoutError if a reader keeps the data files from being emptied: that is
        done later in any case, and sooner by asking again.
        """
        wish = ErasePerson(person_id=person.person_id, requested_by=asked.requested_by, reason=Text(asked.reason))
        try:
            await self._handler.handle(person.case_id, Ask(actor=asked.actor, wish=wish))
        except RefusedNow as no:
            if {refusal.code for refusal in no.refusals} != _DONE_BEFORE:
                raise
        await self._people.forget()

    async def of(self, person_id: UUID) -> Erased | None:
        """How somebody's erasure stands; nothing if there was none."""
        person = await self._people.person(person_id)
        if person is None or person.erased_at is None:
            return None
        for event in reversed(await self._handler.log.events_of(person.case_id)):
            if isinstance(event.fact, PersonErased) and event.fact.person_id == person_id:
                return Erased(person, event, event.fact, await self._confirmations(person_id))
        return None

    async def confirm(self, person_id: UUID, consumer: str, *, by: str, now: datetime) -> None:
        """A consumer has forgotten somebody; the first time it says so stands."""
        table = erasure_confirmations
        row = {"person_id": person_id, "consumer": consumer, "confirmed_at": now, "confirmed_by": by}
        said = sa.select(table.c.consumer).where(table.c.person_id == person_id, table.c.consumer == consumer)
        async with exclusive(self._engine) as connection:  # so that nobody else inserts between look and insert
            if (await connection.execute(said)).first() is None:
                await connection.execute(sa.insert(table), row)

    async def finish_forever(self) -> None:
        """Empty the data files of what erasures that were cut short have left, at the start and every so often."""
        while True:
            try:
                await self._people.forget()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("erased values are still in the data files", error=type(error).__name__)
            await asyncio.sleep(FINISH_SECONDS)

    async def _confirmations(self, person_id: UUID) -> tuple[Confirmation, ...]:
        table = erasure_confirmations
        query = sa.select(table).where(table.c.person_id == person_id).order_by(table.c.confirmed_at, table.c.consumer)
        async with self._engine.connect() as connection:
            return tuple(
                Confirmation(row.consumer, row.confirmed_at, row.confirmed_by)
                for row in await connection.execute(query)
            )
