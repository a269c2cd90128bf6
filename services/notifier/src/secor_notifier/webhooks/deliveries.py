"""Keeps the deliveries: derived from the log together with each endpoint's place in it, and each with its outcome."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import insert, writing
from secor_notifier.webhooks.interest import wants
from secor_notifier.webhooks.pacing import Outcome
from secor_notifier.webhooks.rows import Delivery, DeliveryStatus, delivery_id, delivery_of, interest_of
from secor_notifier.webhooks.tables import deliveries, endpoints
from secor_notifier.workflow import FeedPage

CHUNK = 100


@dataclass(frozen=True)
class WantedDeliveries:
    """Which deliveries of an endpoint to list."""

    endpoint_id: str
    status: DeliveryStatus | None = None
    after: int = 0
    limit: int = 100


class Deliveries:
    """Nothing is made twice, nothing is lost: deliveries and the places behind them move in one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def take(self, before: str | None, page: FeedPage, now: datetime) -> int:
        """What a page of the log means for every enabled endpoint at that place; how many there were."""
        here = and_(endpoints.c.cursor.is_not_distinct_from(before), endpoints.c.disabled_at.is_(None))
        last = page.events[-1].position if page.events else 0
        further = case((endpoints.c.position < last, last), else_=endpoints.c.position)
        async with self._writer.begin() as connection:
            readers = (await connection.execute(select(endpoints).where(here).with_for_update())).mappings().all()
            await connection.execute(update(endpoints).where(here).values(cursor=page.next_cursor, position=further))
            rows = [row for reader in readers for row in _derived(reader, page, now)]
            for start in range(0, len(rows), CHUNK):
                statement = insert(connection, deliveries).values(rows[start : start + CHUNK])
                await connection.execute(statement.on_conflict_do_nothing(index_elements=["delivery_id"]))
        return len(readers)

    async def endpoints_with_work(self, now: datetime) -> list[str]:
        """Enabled endpoints to which something is due, and which are not resting."""
        due = exists().where(deliveries.c.endpoint_id == endpoints.c.endpoint_id, *_due(now))
        rested = or_(endpoints.c.not_before.is_(None), endpoints.c.not_before <= now)
        query = select(endpoints.c.endpoint_id).where(endpoints.c.disabled_at.is_(None), rested, due)
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query))

    async def due(self, endpoint_id: str, now: datetime) -> Delivery | None:
        """The one whose turn it is: oldest first."""
        query = (
            select(deliveries)
            .where(deliveries.c.endpoint_id == endpoint_id, *_due(now))
            .order_by(deliveries.c.next_attempt_at, deliveries.c.seq)
            .limit(1)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return delivery_of(row) if row else None

    async def record(self, delivery: Delivery, outcome: Outcome, lease: str, lease_length: timedelta) -> bool:
        """Keep what became of an attempt, and go on borrowing; False if the endpoint was no longer ours."""
        state: dict[str, Any] = {
            "failures": outcome.failures,
            "failing_since": outcome.failing_since,
            "not_before": outcome.not_before,
            "leased_until": outcome.at + lease_length,
        }
        if outcome.disable:
            state |= {"disabled_at": outcome.at, "disabled_because": outcome.disable.value, "staff_told_at": None}
        async with self._writer.begin() as connection:
            ours = await connection.execute(
                update(endpoints)
                .where(endpoints.c.endpoint_id == delivery.endpoint_id, endpoints.c.lease == lease)
                .values(state)
            )
            if ours.rowcount == 0:
                return False
            await connection.execute(
                update(deliveries).where(deliveries.c.seq == delivery.seq).values(_tried(delivery, outcome))
            )
        return True

    async def keep(self, row: dict[str, Any]) -> Delivery:
        """A delivery made otherwise than from the log: a ping."""
        async with self._writer.begin() as connection:
            kept = await connection.execute(deliveries.insert().values(row).returning(*deliveries.c))
            return delivery_of(kept.mappings().one())

    async def replay(self, endpoint_id: str, which: str, now: datetime) -> Delivery | None:
        """The same delivery under the same id, from its first attempt on."""
        again = {
            "status": DeliveryStatus.PENDING.value,
            "attempts": 0,
            "next_attempt_at": now,
            "delivered_at": None,
        }
        async with self._writer.begin() as connection:
            replayed = await connection.execute(
                update(deliveries)
                .where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.delivery_id == which)
                .values(again)
                .returning(*deliveries.c)
            )
            row = replayed.mappings().one_or_none()
            # Whoever asks for it knows better than the schedule that it is worth another try.
            await connection.execute(
                update(endpoints).where(endpoints.c.endpoint_id == endpoint_id).values(not_before=None)
            )
        return delivery_of(row) if row else None

    async def page(self, wanted: WantedDeliveries) -> list[Delivery]:
        """Oldest first; one more than the limit if there are more."""
        query = select(deliveries).where(
            deliveries.c.endpoint_id == wanted.endpoint_id, deliveries.c.seq > wanted.after
        )
        if wanted.status is not None:
            query = query.where(deliveries.c.status == wanted.status.value)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(deliveries.c.seq).limit(wanted.limit + 1))
            return [delivery_of(row) for row in rows.mappings()]

    async def forget(self, before: datetime) -> None:
        """Those which came to an end and are older than that."""
        old = and_(deliveries.c.made_at < before, deliveries.c.status != DeliveryStatus.PENDING.value)
        async with self._engine.connect() as connection:
            if (await connection.execute(select(deliveries.c.seq).where(old).limit(1))).first() is None:
                return  # almost always; and a question holds up nobody who writes
        async with self._writer.begin() as connection:
            await connection.execute(delete(deliveries).where(old))

    async def waiting(self) -> int:
        """How many are still to be delivered."""
        pending = deliveries.c.status == DeliveryStatus.PENDING.value
        async with self._engine.connect() as connection:
            return (await connection.execute(select(func.count()).where(pending))).scalar_one()


def _due(now: datetime) -> tuple[Any, Any]:
    return (deliveries.c.status == DeliveryStatus.PENDING.value, deliveries.c.next_attempt_at <= now)


def _derived(reader: RowMapping, page: FeedPage, now: datetime) -> Iterator[dict[str, Any]]:
    interest = interest_of(reader["events"], reader["deadlines"])
    for event, body in zip(page.events, page.bodies, strict=True):
        if event.position > reader["position"] and wants(interest, event):
            yield {
                **new_row(reader["endpoint_id"], event.event_id, event.type, body, now),
                "position": event.position,
                "case_id": event.case_id,
            }


def new_row(endpoint_id: str, event_id: str, event_type: str, body: str, now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id(endpoint_id, event_id),
        "endpoint_id": endpoint_id,
        "event_id": event_id,
        "event_type": event_type,
        "body": body,
        "status": DeliveryStatus.PENDING.value,
        "made_at": now,
        "attempts": 0,
        "next_attempt_at": now,
    }


def _tried(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status.value,
        "attempts": delivery.attempts + 1,
        "next_attempt_at": outcome.next_attempt_at,
        "last_attempt_at": outcome.at,
        "last_status": outcome.answer.status,
        "last_error": outcome.answer.error,
        "delivered_at": outcome.at if outcome.taken else None,
    }
