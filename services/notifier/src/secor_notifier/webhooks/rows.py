"""Endpoints and deliveries as the rest of the notifier knows them."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import RowMapping

NAMESPACE = UUID("5ec0a000-0000-5000-8000-00000000000e")
PING = "WebhookPinged"


class DeliveryStatus(StrEnum):
    """Pending until somebody took it, or until the last attempt came to nothing."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Because(StrEnum):
    """Why an endpoint is disabled: on request, after failing for too long, or because it said that it is gone."""

    REQUESTED = "requested"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True)
class Interest:
    """Which events an endpoint is told of."""

    events: frozenset[str]
    deadlines: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Endpoint:
    """Somebody's address, what it wants to know, and how it has been doing."""

    endpoint_id: str
    owner: str
    url: str
    interest: Interest
    description: str | None
    made_at: datetime
    nonces: tuple[str, ...]
    """What its secrets are derived from, the newest first; the others end at `previous_until`."""
    previous_until: datetime | None
    position: int
    disabled_at: datetime | None
    disabled_because: Because | None
    failures: int
    failing_since: datetime | None

    def signing_nonces(self, now: datetime) -> tuple[str, ...]:
        overlaps = self.previous_until is not None and now < self.previous_until
        return self.nonces if overlaps else self.nonces[:1]


@dataclass(frozen=True)
class Delivery:
    """One event for one endpoint, and what became of it."""

    seq: int
    delivery_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    position: int | None
    case_id: str | None
    body: str
    status: DeliveryStatus
    made_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


def delivery_id(endpoint_id: str, event_id: str) -> str:
    """The same for the same event and endpoint, however often it is derived or sent."""
    return str(uuid5(NAMESPACE, f"{endpoint_id}/{event_id}"))


def interest_of(events: str, deadlines: str | None) -> Interest:
    return Interest(frozenset(json.loads(events)), frozenset(json.loads(deadlines or "[]")))


def endpoint_of(row: RowMapping) -> Endpoint:
    because = row["disabled_because"]
    return Endpoint(
        endpoint_id=row["endpoint_id"],
        owner=row["owner"],
        url=row["url"],
        interest=interest_of(row["events"], row["deadlines"]),
        description=row["description"],
        made_at=row["made_at"],
        nonces=tuple(nonce for nonce in (row["nonce"], row["previous_nonce"]) if nonce),
        previous_until=row["previous_until"],
        position=row["position"],
        disabled_at=row["disabled_at"],
        disabled_because=Because(because) if because else None,
        failures=row["failures"],
        failing_since=row["failing_since"],
    )


def delivery_of(row: RowMapping) -> Delivery:
    return Delivery(**{**row, "status": DeliveryStatus(row["status"])})
