"""Which actors are one person: by their linked tokens, by verified e-mail addresses, or because an admin says so."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.credentials.email import digest_of
from secor_workflow.credentials.identities import Identities
from secor_workflow.database.calling import call_out
from secor_workflow.database.engine import exclusive
from secor_workflow.database.rows import upsert
from secor_workflow.database.tables import actor_persons

PERSONS_LOCK = 0x5EC0_410C


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """That an admin said whose address is behind an actor. The address itself is not kept."""

    email_digest: str
    said_at: datetime
    said_by: str


class Persons:
    """Actors that share a mark, or are joined by a link, are one person. All held in memory: asking costs no query."""

    def __init__(self, engine: AsyncEngine, identities: Identities) -> None:
        self._engine, self._identities = engine, identities
        self._said: dict[str, Said] = {}
        self._joined: dict[str, set[str]] = {}
        self._joined_as_of = -1

    async def refresh(self) -> None:
        """Read anew what admins said: also what they said to other processes."""
        async with self._engine.connect() as connection:
            rows = list(await connection.execute(sa.select(actor_persons)))
        self._said = {
            row.actor_id: Said(email_digest=row.email_digest, said_at=row.said_at, said_by=row.said_by) for row in rows
        }
        self._joined_as_of = -1

    async def say(self, actor_id: str, email: str, *, by: str, now: datetime) -> None:
        """Whose e-mail address it is that acts under this id."""
        row = {"actor_id": actor_id, "email_digest": digest_of(email), "said_at": now, "said_by": by}
        async with exclusive(self._engine, PERSONS_LOCK) as connection:
            await connection.execute(upsert(self._engine, actor_persons), row)
            await call_out(connection)
        await self.refresh()

    async def forget(self, actor_id: str) -> None:
        """Take back what was said."""
        async with exclusive(self._engine, PERSONS_LOCK) as connection:
            await connection.execute(sa.delete(actor_persons).where(actor_persons.c.actor_id == actor_id))
            await call_out(connection)
        await self.refresh()

    def is_known(self, actor_id: str) -> bool:
        """Whether a token ever came as this actor, or somebody said who it is."""
        return actor_id in self._said or self._identities.is_known(actor_id)

    def is_said(self, actor_id: str, email: str) -> bool:
        """Whether just this was said already."""
        said = self._said.get(actor_id)
        return said is not None and said.email_digest == digest_of(email)

    def said_of(self, actor_id: str) -> Said | None:
        return self._said.get(actor_id)

    def same_as(self, actor_id: str) -> frozenset[str]:
        """Every actor id of the person behind this one, itself included."""
        return self._reached_from(_id(actor_id)) | {actor_id}

    def with_email(self, email: str) -> frozenset[str]:
        """The actor ids of whoever has this address."""
        return self._reached_from(_mark(digest_of(email)))

    def _reached_from(self, start: str) -> frozenset[str]:
        if self._joined_as_of != self._identities.edition:
            self._join()
        reached, ahead = {start}, [start]
        while ahead:
            new = self._joined.get(ahead.pop(), set()) - reached
            reached |= new
            ahead += new
        return frozenset(place[1:] for place in reached if place.startswith(_ACTOR))

    def _join(self) -> None:
        """Lay the ways between actor ids and marks anew; only after something has changed."""
        joined: defaultdict[str, set[str]] = defaultdict(set)
        self._joined_as_of = self._identities.edition
        said = [(actor_id, _mark(one.email_digest)) for actor_id, one in self._said.items()]
        seen = [(actor_id, _mark(digest)) for actor_id, digest in self._identities.emails()]
        links = [(actor_id, _id(derived)) for actor_id, derived in self._identities.links()]
        for actor_id, other in (*said, *seen, *links):
            joined[_id(actor_id)].add(other)
            joined[other].add(_id(actor_id))
        self._joined = joined


_ACTOR, _EMAIL = "=", "@"


def _id(actor_id: str) -> str:
    return _ACTOR + actor_id


def _mark(digest: str) -> str:
    return _EMAIL + digest
