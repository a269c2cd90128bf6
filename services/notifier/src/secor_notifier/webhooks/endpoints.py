"""Keeps the endpoints: who wants to be told of what, where, and since when."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils import uuid7

from secor_notifier.ledger.engine import writing
from secor_notifier.webhooks.rows import Because, Endpoint, Interest, endpoint_of
from secor_notifier.webhooks.tables import deliveries, endpoints

NONCE_BYTES = 16
ENABLED = "enabled"


class TooManyEndpointsError(Exception):
    """Its owner has as many endpoints as one may have."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks for when they make an endpoint."""

    owner: str
    url: str
    interest: Interest
    description: str | None


class Endpoints:
    """An endpoint begins where the log ends when it is made, and goes on from where it was when it is enabled again."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def make(self, wish: Wish, cursor: str | None, position: int, now: datetime, at_most: int) -> Endpoint:
        """Raises TooManyEndpointsError if its owner has as many as one may have."""
        endpoint_id = str(uuid7())
        row = {
            "endpoint_id": endpoint_id,
            "owner": wish.owner,
            "url": wish.url,
            "description": wish.description,
            "events": json.dumps(sorted(wish.interest.events)),
            "deadlines": json.dumps(sorted(wish.interest.deadlines)) if wish.interest.deadlines else None,
            "made_at": now,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "cursor": cursor,
            "position": position,
            "failures": 0,
        }
        async with self._writer.begin() as connection:
            theirs = select(func.count()).select_from(endpoints).where(endpoints.c.owner == wish.owner)
            if (await connection.execute(theirs)).scalar_one() >= at_most:
                raise TooManyEndpointsError
            made = await connection.execute(endpoints.insert().values(row).returning(*endpoints.c))
            return endpoint_of(made.mappings().one())

    async def find(self, endpoint_id: str, owner: str | None = None) -> Endpoint | None:
        """The endpoint, if there is one and, where an owner is named, it is theirs."""
        query = select(endpoints).where(endpoints.c.endpoint_id == endpoint_id)
        if owner is not None:
            query = query.where(endpoints.c.owner == owner)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return endpoint_of(row) if row else None

    async def page(self, owner: str | None, after: str, limit: int) -> list[Endpoint]:
        """In the order in which they were made; one more than `limit` if there are more."""
        query = select(endpoints).where(endpoints.c.endpoint_id > after).order_by(endpoints.c.endpoint_id)
        if owner is not None:
            query = query.where(endpoints.c.owner == owner)
        async with self._engine.connect() as connection:
            return [endpoint_of(row) for row in (await connection.execute(query.limit(limit + 1))).mappings()]

    async def disable(self, endpoint_id: str, because: Because, now: datetime) -> Endpoint | None:
        """Nothing more is sent, and what it has not been told waits."""
        await self._change(endpoint_id, only_if_enabled=True, disabled_at=now, disabled_because=because.value)
        return await self.find(endpoint_id)

    async def enable(self, endpoint_id: str) -> Endpoint | None:
        """Goes on from where it was: what happened meanwhile is told now."""
        await self._change(
            endpoint_id,
            disabled_at=None,
            disabled_because=None,
            staff_told_at=None,
            failures=0,
            failing_since=None,
            not_before=None,
        )
        return await self.find(endpoint_id)

    async def rotate(self, endpoint_id: str, until: datetime) -> Endpoint | None:
        """A new secret from now on; the one before it signs too until then, and none that is older still."""
        await self._change(
            endpoint_id,
            previous_nonce=endpoints.c.nonce,
            previous_until=until,
            nonce=secrets.token_hex(NONCE_BYTES),
        )
        return await self.find(endpoint_id)

    async def remove(self, endpoint_id: str) -> None:
        """With everything it was and would have been told."""
        async with self._writer.begin() as connection:
            await connection.execute(delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id))
            await connection.execute(delete(endpoints).where(endpoints.c.endpoint_id == endpoint_id))

    async def _change(self, endpoint_id: str, *, only_if_enabled: bool = False, **values: object) -> None:
        change = update(endpoints).where(endpoints.c.endpoint_id == endpoint_id)
        if only_if_enabled:
            change = change.where(endpoints.c.disabled_at.is_(None))
        async with self._writer.begin() as connection:
            await connection.execute(change.values(**values))

    async def cursors(self) -> list[str | None]:
        """The places in the log from which somebody reads."""
        query = select(endpoints.c.cursor).where(endpoints.c.disabled_at.is_(None)).distinct()
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query))

    async def begin_again(self, before: str, last_common: int) -> None:
        """The log is not the one which was read before: what comes after the last common position is new."""
        position = case((endpoints.c.position > last_common, last_common), else_=endpoints.c.position)
        async with self._writer.begin() as connection:
            await connection.execute(
                update(endpoints).where(endpoints.c.cursor == before).values(cursor=None, position=position)
            )

    async def borrow(self, endpoint_id: str, lease: str, now: datetime, length: timedelta) -> Endpoint | None:
        """The endpoint, if nobody else is sending to it; who borrowed it is alone with it until the lease ends."""
        free = endpoints.c.leased_until.is_(None) | (endpoints.c.leased_until <= now) | (endpoints.c.lease == lease)
        async with self._writer.begin() as connection:
            borrowed = await connection.execute(
                update(endpoints)
                .where(endpoints.c.endpoint_id == endpoint_id, endpoints.c.disabled_at.is_(None), free)
                .values(lease=lease, leased_until=now + length)
                .returning(*endpoints.c)
            )
            row = borrowed.mappings().one_or_none()
        return endpoint_of(row) if row else None

    async def give_back(self, endpoint_id: str, lease: str) -> None:
        async with self._writer.begin() as connection:
            await connection.execute(
                update(endpoints)
                .where(endpoints.c.endpoint_id == endpoint_id, endpoints.c.lease == lease)
                .values(lease=None, leased_until=None)
            )

    async def disabled_unnoticed(self) -> list[Endpoint]:
        """Those which we disabled ourselves and of which staff have not been told."""
        query = (
            select(endpoints)
            .where(endpoints.c.disabled_at.is_not(None), endpoints.c.staff_told_at.is_(None))
            .where(endpoints.c.disabled_because.in_([Because.FAILING.value, Because.GONE.value]))
            .order_by(endpoints.c.disabled_at)
        )
        async with self._engine.connect() as connection:
            return [endpoint_of(row) for row in (await connection.execute(query)).mappings()]

    async def last_disabled(self) -> Endpoint | None:
        """Of those which we disabled ourselves, the last."""
        query = (
            select(endpoints)
            .where(endpoints.c.disabled_because.in_([Because.FAILING.value, Because.GONE.value]))
            .order_by(endpoints.c.disabled_at.desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return endpoint_of(row) if row else None

    async def staff_told(self, endpoint_id: str, now: datetime) -> None:
        await self._change(endpoint_id, staff_told_at=now)

    async def by_state(self) -> dict[str, int]:
        """How many are at work, and how many are disabled and why."""
        state = func.coalesce(endpoints.c.disabled_because, ENABLED)
        async with self._engine.connect() as connection:
            found = await connection.execute(select(state, func.count()).group_by(state))
            counted = {str(row[0]): int(row[1]) for row in found}
        return {name: counted.get(name, 0) for name in (ENABLED, *(because.value for because in Because))}
