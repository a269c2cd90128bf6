"""Who stands behind a token: issuer and subject become an actor, the same as a person's keys if an admin says so."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.clock import true_now
from secor_workflow.database.calling import call_out
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import identities
from secor_workflow.domain.context import Role

IDENTITIES_LOCK = 0x5EC0_4109
NOTE_EVERY = timedelta(minutes=1)


class LinkedElsewhereError(Exception):
    """The subject is already linked to another actor."""

    def __init__(self, actor_id: str) -> None:
        super().__init__(f"the subject is linked to {actor_id}")
        self.actor_id = actor_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A subject of a provider."""

    identity_id: UUID
    issuer: str
    subject: str
    actor_id: str
    linked_at: datetime | None = None
    linked_by: str | None = None
    role: Role | None = None
    last_seen_at: datetime | None = None
    email_digest: str | None = None
    """Of the verified address in the last token that told one."""

    @property
    def derived_actor_id(self) -> str:
        """As whom it acts, or acted, while nobody had said who it is."""
        return derived(self.issuer, self.subject)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What the last token of a subject said, until it is written down."""

    role: Role
    last_seen_at: datetime
    email_digest: str | None


class Identities:
    """All subjects that were linked or seen, held in memory; a token costs no query."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID]) -> None:
        self._engine, self._new_id = engine, new_id
        self._known: dict[tuple[str, str], Identity] = {}
        self._seen: dict[tuple[str, str], _Sight] = {}
        self.edition = 0
        """Grows whenever somebody is linked, unlinked or seen with another address."""

    async def refresh(self) -> None:
        """Read them anew: what other processes linked is known from here on."""
        async with self._engine.connect() as connection:
            rows = list(await connection.execute(sa.select(identities)))
        known = (_identity(row) for row in rows)
        before = self._told()
        self._known = {(one.issuer, one.subject): one for one in known}
        self.edition += self._told() != before

    def saw(self, issuer: str, subject: str, role: Role, email_digest: str | None = None) -> str:
        """The actor behind a good token. That it was seen is written down later."""
        known, now = self._known.get((issuer, subject)), true_now()
        fresh = known is not None and known.last_seen_at is not None and known.last_seen_at > now - NOTE_EVERY
        moved = email_digest not in {None, self._email(issuer, subject)}
        if known is None or known.role is not role or moved or not fresh:
            self._seen[issuer, subject] = _Sight(role, now, email_digest or self._email(issuer, subject))
            self.edition += moved
        return self._actor(issuer, subject)

    def has_role(self, actor_id: str, role: Role) -> bool:
        """Whether a subject behind this actor last came in the role."""
        return any(one.actor_id == actor_id and one.role is role for one in self._known.values()) or any(
            self._actor(*subject) == actor_id and sight.role is role for subject, sight in self._seen.items()
        )

    def is_known(self, actor_id: str) -> bool:
        """Whether somebody was linked to this actor, or came as it."""
        return any(actor_id in {one.actor_id, one.derived_actor_id} for one in self._known.values()) or any(
            self._actor(*subject) == actor_id for subject in self._seen
        )

    def links(self) -> list[tuple[str, str]]:
        """Each linked actor, with the id under which its subject acted before."""
        return [(one.actor_id, one.derived_actor_id) for one in self._known.values() if one.linked_at is not None]

    def emails(self) -> list[tuple[str, str]]:
        """Each actor of whom a verified address is known, with the address's digest."""
        told = {subject: one.email_digest for subject, one in self._known.items()}
        told |= {subject: sight.email_digest for subject, sight in self._seen.items()}
        return [(self._actor(*subject), digest) for subject, digest in told.items() if digest]

    def _told(self) -> set[tuple[str, str]]:
        return {*self.links(), *self.emails()}

    def _email(self, issuer: str, subject: str) -> str | None:
        one = self._seen.get((issuer, subject)) or self._known.get((issuer, subject))
        return one.email_digest if one else None

    def _actor(self, issuer: str, subject: str) -> str:
        known = self._known.get((issuer, subject))
        return derived(issuer, subject) if known is None else known.actor_id

    def of(self, actor_id: str) -> list[Identity]:
        """The subjects behind an actor, oldest first."""
        mine = (one for one in self._known.values() if one.actor_id == actor_id)
        return sorted(mine, key=lambda one: one.identity_id)

    def is_linked(self, actor_id: str, issuer: str, subject: str) -> bool:
        """Whether just this was said already."""
        one = self._known.get((issuer, subject))
        return one is not None and one.linked_at is not None and one.actor_id == actor_id

    async def link(self, actor_id: str, issuer: str, subject: str, *, by: str, now: datetime) -> Identity:
        """Say which actor the subject is. Raises LinkedElsewhereError if it was said to be another."""
        this = sa.and_(identities.c.issuer == issuer, identities.c.subject == subject)
        said = {"actor_id": actor_id, "linked_at": now, "linked_by": by}
        async with exclusive(self._engine, IDENTITIES_LOCK) as connection:
            before = (await connection.execute(sa.select(identities).where(this))).first()
            if before is None:
                new = {"identity_id": self._new_id(), "issuer": issuer, "subject": subject}
                await connection.execute(sa.insert(identities), new | said)
            elif before.linked_at is None:
                await connection.execute(sa.update(identities).where(this).values(said))
            elif before.actor_id != actor_id:
                raise LinkedElsewhereError(before.actor_id)
            await call_out(connection)
        await self.refresh()
        return self._known[issuer, subject]

    async def unlink(self, identity_id: UUID) -> None:
        """Forget it; whoever comes with its token again is the actor derived from issuer and subject."""
        async with exclusive(self._engine, IDENTITIES_LOCK) as connection:
            await connection.execute(sa.delete(identities).where(identities.c.identity_id == identity_id))
            await call_out(connection)
        await self.refresh()

    async def note_seen(self) -> None:
        """Write down who came and in which role: at most once a minute for each, and never while a request waits."""
        seen = dict(self._seen)
        if not seen:
            return
        async with exclusive(self._engine, IDENTITIES_LOCK) as connection:
            for (issuer, subject), sight in seen.items():
                this = sa.and_(identities.c.issuer == issuer, identities.c.subject == subject)
                news = {
                    "role": sight.role.value,
                    "last_seen_at": sight.last_seen_at,
                    "email_digest": sight.email_digest,
                }
                if not (await connection.execute(sa.update(identities).where(this).values(news))).rowcount:
                    new = {"identity_id": self._new_id(), "issuer": issuer, "subject": subject}
                    actor = {"actor_id": derived(issuer, subject)}
                    await connection.execute(sa.insert(identities), new | actor | news)
        await self.refresh()
        self._seen = {key: last for key, last in self._seen.items() if seen.get(key) != last}


def derived(issuer: str, subject: str) -> str:
    """The actor of a subject that nobody has linked: always the same, and it tells nobody's name."""
    return "oidc-" + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:24]


def _identity(row: sa.Row[tuple[object, ...]]) -> Identity:
    columns = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    role = Role(columns["role"]) if columns["role"] else None
    return Identity(**{field.name: columns[field.name] for field in fields(Identity)} | {"role": role})
