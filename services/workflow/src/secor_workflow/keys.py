"""API keys: who may come in, and as whom. Only their SHA-256 is kept."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import api_keys
from secor_workflow.domain.context import Actor, Role

PREFIX = "secor_"
_log = logging.getLogger(__name__)


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

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_id, self.role, self.worksafebc_account)


class Keys:
    """All keys, held in memory: a request is authenticated without a query; `follow` keeps up with other processes."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID]) -> None:
        self._engine = engine
        self._new_id = new_id
        self._by_digest: dict[str, Key] = {}
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the keys anew: keys made or revoked elsewhere are known from here on."""
        async with self._refreshing:  # an older look must not overwrite a newer one
            async with self._engine.connect() as connection:
                rows = list(await connection.execute(sa.select(api_keys)))
            self._by_digest = {row.digest: _key(row) for row in rows}

    async def follow(self, seconds: float) -> None:
        """Refresh every so often, for ever; while the database is away the known keys go on."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("keys could not be read anew: %s", type(error).__name__)

    async def authenticate(self, secret: str) -> Key | None:
        """Whose key it is; nobody's if it is unknown or revoked."""
        digest = _digest(secret)
        key = self._by_digest.get(digest)
        if key is None and secret.startswith(PREFIX):  # perhaps made by another process a moment ago
            async with self._engine.connect() as connection:
                row = (await connection.execute(sa.select(api_keys).where(api_keys.c.digest == digest))).first()
            if row is not None:
                key = self._by_digest[digest] = _key(row)
        return None if key is None or key.revoked_at else key

    def has_role(self, actor_id: str, role: Role) -> bool:
        """Whether a valid key of this actor has the role."""
        return any(
            key.actor_id == actor_id and key.role is role and not key.revoked_at for key in self._by_digest.values()
        )

    def all(self) -> list[Key]:
        return sorted(self._by_digest.values(), key=lambda key: key.key_id)

    def find(self, key_id: UUID) -> Key | None:
        return next((key for key in self._by_digest.values() if key.key_id == key_id), None)

    async def create(  # noqa: PLR0913 (a key's own fields)
        self,
        *,
        actor_id: str | None,
        role: Role,
        name: str,
        account: str | None,
        by: str,
        now: datetime,
        idempotency_key: str | None = None,
    ) -> tuple[Key, str | None]:
        """A new key and its secret, never seen again. A repeated request gets the key made first, and no secret."""
        secret, key_id = PREFIX + secrets.token_urlsafe(32), self._new_id()
        row = {
            "key_id": key_id,
            "digest": _digest(secret),
            "prefix": secret[: len(PREFIX) + 6],
            "actor_id": actor_id or f"{role}-{key_id.hex[-8:]}",
            "role": role.value,
            "name": name,
            "worksafebc_account": account,
            "created_at": now,
            "created_by": by,
            "idempotency_key": idempotency_key,
        }
        async with exclusive(self._engine) as connection:
            same = sa.and_(api_keys.c.created_by == by, api_keys.c.idempotency_key == idempotency_key)
            before = (await connection.execute(sa.select(api_keys).where(same))).first() if idempotency_key else None
            if before is None:
                await connection.execute(sa.insert(api_keys), row)
        await self.refresh()
        if before is not None:
            return _key(before), None
        return self._by_digest[_digest(secret)], secret

    async def revoke(self, key_id: UUID, now: datetime) -> None:
        """The key opens nothing from now on; other processes know within a refresh."""
        async with exclusive(self._engine) as connection:
            still_valid = sa.and_(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
            await connection.execute(sa.update(api_keys).where(still_valid).values(revoked_at=now))
        await self.refresh()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: sa.Row[tuple[object, ...]]) -> Key:
    fields = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    return Key(
        key_id=fields["key_id"],
        prefix=fields["prefix"],
        actor_id=fields["actor_id"],
        role=Role(fields["role"]),
        name=fields["name"],
        worksafebc_account=fields["worksafebc_account"],
        created_at=fields["created_at"],
        created_by=fields["created_by"],
        revoked_at=fields["revoked_at"],
    )
