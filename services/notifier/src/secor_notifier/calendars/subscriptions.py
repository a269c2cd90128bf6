"""Keeps who may read which calendar; of an address only a digest, so that the database alone opens no calendar."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import RowMapping, delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils import uuid7

from secor_notifier.calendars.diary import Scope
from secor_notifier.calendars.tables import calendars
from secor_notifier.ledger.engine import writing

TOKEN_BYTES = 32


class TooManyCalendarsError(Exception):
    """Its owner has as many calendars as one may have."""


@dataclass(frozen=True)
class Subscription:
    """A calendar that somebody made for themselves or for others."""

    calendar_id: str
    owner: str
    scope: Scope
    made_at: datetime


class Subscriptions:
    """Whoever has the address may read; whoever made it may revoke it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def make(self, owner: str, scope: Scope, now: datetime, at_most: int) -> tuple[Subscription, str]:
        """The subscription, and the token of its address, which is told this once. Raises TooManyCalendarsError."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        made = Subscription(str(uuid7()), owner, scope, now)
        row = {
            "calendar_id": made.calendar_id,
            "digest": _digest(token),
            "owner": owner,
            "scope": json.dumps(asdict(scope)),
            "made_at": now,
        }
        async with self._writer.begin() as connection:
            theirs = select(func.count()).select_from(calendars).where(calendars.c.owner == owner)
            if (await connection.execute(theirs)).scalar_one() >= at_most:
                raise TooManyCalendarsError
            await connection.execute(calendars.insert().values(row))
        return made, token

    async def by_token(self, token: str) -> Subscription | None:
        async with self._engine.connect() as connection:
            query = select(calendars).where(calendars.c.digest == _digest(token))
            row = (await connection.execute(query)).mappings().one_or_none()
        return _subscription(row) if row else None

    async def page(self, owner: str | None, after: str, limit: int) -> list[Subscription]:
        """In the order in which they were made; one more than `limit` if there are more."""
        query = select(calendars).where(calendars.c.calendar_id > after).order_by(calendars.c.calendar_id)
        if owner is not None:
            query = query.where(calendars.c.owner == owner)
        async with self._engine.connect() as connection:
            return [_subscription(row) for row in (await connection.execute(query.limit(limit + 1))).mappings()]

    async def revoke(self, calendar_id: str, owner: str | None) -> bool:
        """Whether there was such a calendar, and, where an owner is named, it was theirs."""
        gone = delete(calendars).where(calendars.c.calendar_id == calendar_id)
        if owner is not None:
            gone = gone.where(calendars.c.owner == owner)
        async with self._writer.begin() as connection:
            return (await connection.execute(gone)).rowcount > 0


def _subscription(row: RowMapping) -> Subscription:
    kept = json.loads(row["scope"])
    scope = Scope(**{**kept, "deadlines": tuple(kept["deadlines"])})
    return Subscription(row["calendar_id"], row["owner"], scope, row["made_at"])


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
