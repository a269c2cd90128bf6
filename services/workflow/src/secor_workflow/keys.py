"""API keys: who may come in, and as whom. Only their SHA-256 is kept."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.clock import true_now
from secor_workflow.credentials.key_text import Kind, beginning, is_mistyped, kind_of, may_be_key, new_text
from secor_workflow.credentials.unknown import Unknown
from secor_workflow.database.calling import call_out
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import api_keys
from secor_workflow.domain.context import Actor, Role

USE_LOCK = 0x5EC0_4108
"""PostgreSQL's advisory lock for noting when keys were used: the log's writers need not wait for that."""
NOTE_USE_EVERY = timedelta(minutes=1)


class KeyEndedError(Exception):
    """The key was revoked or has expired: there is nothing to rotate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as it is known here: everything but the key itself."""

    key_id: UUID
    prefix: str
    actor_id: str
    role: Role
    name: str
    worksafebc_account: str | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    """By the real clock, which the sandbox's does not move."""
    last_used_at: datetime | None = None
    """To the minute."""
    replaces: UUID | None = None
    """The key that was rotated into this one."""

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_id, self.role, self.worksafebc_account)

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= true_now()

    @property
    def opens(self) -> bool:
        return self.revoked_at is None and not self.expired


class Keys:
    """All keys, held in memory: a request is authenticated without a query."""

    def __init__(
        self,
        engine: AsyncEngine,
        new_id: Callable[[], UUID],
        kind: Kind,
        comes_by_token: Callable[[str, Role], bool],
    ) -> None:
        self._engine, self._new_id, self._kind, self._comes_by_token = engine, new_id, kind, comes_by_token
        self._by_digest: dict[str, Key] = {}
        self._by_id: dict[UUID, Key] = {}
        self._used: dict[UUID, datetime] = {}
        self._unknown = Unknown()
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the keys anew: keys made or revoked elsewhere are known from here on."""
        async with self._refreshing:  # an older look must not overwrite a newer one
            async with self._engine.connect() as connection:
                rows = list(await connection.execute(sa.select(api_keys)))
            self._by_digest = {row.digest: _key(row) for row in rows}
            self._by_id = {key.key_id: key for key in self._by_digest.values()}

    async def authenticate(self, secret: str, *, may_ask: Callable[[], bool] = lambda: True) -> Key | None:
        """Whose key it is; nobody's if it is unknown, of another kind, revoked or expired.

        The database is asked for a key that is not known here, if that may be. Raises LookupsSpentError if it was asked
        too often.
        """
        digest = _digest(secret)
        key = self._by_digest.get(digest)
        if key is None and may_be_key(secret) and may_ask():  # perhaps made by another process a moment ago
            key = await self._look_up(digest)
        if key is None or not key.opens or self._is_of_other_kind(secret):
            return None
        self._used[key.key_id] = true_now()
        return key

    def why_not(self, secret: str) -> tuple[str, str]:
        """Why a credential opens nothing: a word for the record, and a sentence for its holder."""
        key = self._by_digest.get(_digest(secret))
        if self._is_of_other_kind(secret):
            return "other_kind", f"This is a {kind_of(secret)} key, and this service takes {self._kind} keys."
        if key is not None and key.revoked_at is None:
            return "key_expired", "The key has expired; ask an admin for a new one."
        if key is not None:
            return "key_revoked", "The key is unknown or was revoked."
        if is_mistyped(secret):
            return "key_mistyped", "The key has a typing error: its checksum does not fit. Copy it anew."
        return "unknown", "The key is unknown or was revoked."

    def opens(self, key_id: UUID) -> bool:
        """Whether the key still opens anything."""
        key = self._by_id.get(key_id)
        return key is not None and key.opens

    def has_role(self, actor_id: str, role: Role) -> bool:
        """Whether a valid key of this actor has the role, or a token with which it last came."""
        by_key = any(key.actor_id == actor_id and key.role is role and key.opens for key in self._by_id.values())
        return by_key or self._comes_by_token(actor_id, role)

    def is_known(self, actor_id: str) -> bool:
        """Whether a key of this actor was ever made."""
        return any(key.actor_id == actor_id for key in self._by_id.values())

    async def was_made(self, *, by: str, idempotency_key: str | None) -> bool:
        """Whether this request has made its key already, and is only sent again."""
        if idempotency_key is None:
            return False
        same = sa.and_(api_keys.c.created_by == by, api_keys.c.idempotency_key == idempotency_key)
        async with self._engine.connect() as connection:
            return await connection.scalar(sa.select(api_keys.c.key_id).where(same)) is not None

    def all(self) -> list[Key]:
        return sorted(self._by_id.values(), key=lambda key: key.key_id)

    def find(self, key_id: UUID) -> Key | None:
        return self._by_id.get(key_id)

    async def create(  # noqa: PLR0913 (a key's own fields)
        self,
        *,
        actor_id: str | None,
        role: Role,
        name: str,
        account: str | None,
        by: str,
        now: datetime,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[Key, str | None]:
        """A new key and its secret, never seen again. A repeated request gets the key made first, and no secret."""
        key_id = self._new_id()
        row = {
            "key_id": key_id,
            "actor_id": actor_id or f"{role}-{key_id.hex[-8:]}",
            "role": role.value,
            "name": name,
            "worksafebc_account": account,
            "created_at": now,
            "created_by": by,
            "expires_at": expires_at,
            "idempotency_key": idempotency_key,
        }
        async with exclusive(self._engine) as connection:
            made = await self._insert(connection, row)
        await self.refresh()
        return self._by_id[made[0]], made[1]

    async def rotate(  # noqa: PLR0913 (who, what, when, until when)
        self,
        key_id: UUID,
        *,
        overlap: timedelta,
        expires_at: datetime | None,
        by: str,
        now: datetime,
        idempotency_key: str | None = None,
    ) -> tuple[Key, str | None]:
        """A second key of the same actor; the first ends after the overlap. Raises KeyEndedError if it has already."""
        async with exclusive(self._engine) as connection:
            old = (await connection.execute(sa.select(api_keys).where(api_keys.c.key_id == key_id))).one()
            copied = ("actor_id", "role", "name", "worksafebc_account")
            row = {name: getattr(old, name) for name in copied} | {
                "key_id": self._new_id(),
                "created_at": now,
                "created_by": by,
                "expires_at": expires_at,
                "replaces": key_id,
                "idempotency_key": idempotency_key,
            }
            made = await self._insert(connection, row)
            if made[1] is not None:
                if not _key(old).opens:
                    raise KeyEndedError
                until = min(filter(None, (old.expires_at, true_now() + overlap)))
                ends = sa.update(api_keys).where(api_keys.c.key_id == key_id).values(expires_at=until)
                await connection.execute(ends)
                await call_out(connection)
        await self.refresh()
        return self._by_id[made[0]], made[1]

    async def revoke(self, key_id: UUID, now: datetime) -> None:
        """The key opens nothing from now on; other processes are told, and know within a refresh at the latest."""
        async with exclusive(self._engine) as connection:
            still_valid = sa.and_(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
            await connection.execute(sa.update(api_keys).where(still_valid).values(revoked_at=now))
            await call_out(connection)
        await self.refresh()

    async def note_use(self) -> None:
        """Write down when keys were last used: at most once a minute for each, and never while a request waits."""
        used, self._used = self._used, {}
        due = {key_id: at for key_id, at in used.items() if self._is_news(key_id, at)}
        if not due:
            return
        async with exclusive(self._engine, USE_LOCK) as connection:
            for key_id, at in due.items():
                mine = sa.update(api_keys).where(api_keys.c.key_id == key_id)
                await connection.execute(mine.values(last_used_at=at))

    def _is_news(self, key_id: UUID, at: datetime) -> bool:
        key = self._by_id.get(key_id)
        return key is not None and (key.last_used_at is None or at - key.last_used_at >= NOTE_USE_EVERY)

    def _is_of_other_kind(self, secret: str) -> bool:
        kind = kind_of(secret)
        return kind is not None and kind != self._kind

    async def _insert(self, connection: AsyncConnection, row: dict[str, Any]) -> tuple[UUID, str | None]:
        """The new row's id and secret; or the id of the row which the same request made before."""
        again = row["idempotency_key"]
        if again is not None:
            same = sa.and_(api_keys.c.created_by == row["created_by"], api_keys.c.idempotency_key == again)
            before: UUID | None = await connection.scalar(sa.select(api_keys.c.key_id).where(same))
            if before is not None:
                return before, None
        secret = new_text(self._kind)
        await connection.execute(sa.insert(api_keys), row | {"digest": _digest(secret), "prefix": beginning(secret)})
        return row["key_id"], secret

    async def _look_up(self, digest: str) -> Key | None:
        if self._unknown.holds(digest):
            return None
        async with self._engine.connect() as connection:
            row = (await connection.execute(sa.select(api_keys).where(api_keys.c.digest == digest))).first()
        if row is None:
            self._unknown.remember(digest)
            return None
        key = self._by_digest[digest] = _key(row)
        self._by_id[key.key_id] = key
        return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: sa.Row[tuple[object, ...]]) -> Key:
    columns = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    return Key(**{field.name: columns[field.name] for field in fields(Key)} | {"role": Role(columns["role"])})
