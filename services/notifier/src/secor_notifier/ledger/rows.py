"""Rows of the ledger as the rest of the notifier knows them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping

from secor_notifier.domain.letters import template_version
from secor_notifier.domain.recipients import Recipient, Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Category
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.watch import Watch


class Status(StrEnum):
    """Planned; then attempting while it is handed over, and sent; or failed, to be tried again, and in the end dead.

    Unknown: the hand-over was begun and nobody knows how it ended. Skipped: not to be sent, for a reason.
    """

    PLANNED = "planned"
    ATTEMPTING = "attempting"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DEAD = "dead"
    SKIPPED = "skipped"


class Delivery(StrEnum):
    """What was heard of a letter after its hand-over."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"


@dataclass(frozen=True)
class Bookmark:
    """How far the feed has been read; no cursor means from the start."""

    cursor: str | None
    position: int
    pulled_at: datetime | None
    rules: str | None
    read_before: int = 0


@dataclass(frozen=True)
class Taken:
    """What one page of the feed taught: the cases it touched as they now stand, and the letters of its events."""

    cursor: str
    position: int
    watches: tuple[Watch, ...] = ()
    letters: tuple[tuple[Owed, Mapping[str, object]], ...] = ()


@dataclass(frozen=True)
class Template:
    """What a letter is written from."""

    letter: str
    version: str


@dataclass(frozen=True)
class Reminder:
    """A decision and what became of it; `token` says which lease of it is the newest.

    `template_version` is that of its letter when it was planned; `written` what the last attempt was written from.
    """

    seq: int
    decision: Owed
    fact: Mapping[str, object]
    due_at: datetime
    status: Status
    sent_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    message_id: str | None
    last_error: str | None
    waits_because: str | None
    attempt_started_at: datetime | None
    delivery: Delivery | None
    delivery_at: datetime | None
    delivery_status: str | None
    token: int
    template_version: str | None
    written: Template | None

    @property
    def reminder_id(self) -> str:
        return self.decision.reminder_id


@dataclass(frozen=True)
class Page:
    """Some reminders, oldest first, and where the next page begins, if there is one."""

    items: tuple[Reminder, ...]
    next_after: int | None


def reminder_of(row: RowMapping) -> Reminder:
    reason = row["reason"]
    decision = Owed(
        case_id=row["case_id"],
        letter=row["letter"],
        recipient=Recipient(row["recipient"], Role(row["recipient_role"])),
        owed_on=row["owed_on"],
        deadline=row["deadline"],
        due_on=row["due_on"],
        revision=row["revision"],
        rung=row["rung"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        channel=row["channel"],
        category=Category(row["category"]),
        because=row["because"],
        skip=Skip(Cause(row["cause"] or Cause.UNRULED), reason) if reason else None,
    )
    return Reminder(
        seq=row["seq"],
        decision=decision,
        fact=json.loads(row["fact"] or "{}"),
        due_at=row["due_at"],
        status=Status(row["status"]),
        sent_at=row["sent_at"],
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        message_id=row["message_id"],
        last_error=row["last_error"],
        waits_because=row["moved"],
        attempt_started_at=row["attempt_started_at"],
        delivery=Delivery(row["delivery"]) if row["delivery"] else None,
        delivery_at=row["delivery_at"],
        delivery_status=row["delivery_status"],
        token=row["token"],
        template_version=row["template_version"],
        written=Template(row["written_as"], row["written_version"]) if row["written_as"] else None,
    )


def row_of(decision: Owed, fact: Mapping[str, object], due_at: datetime) -> dict[str, Any]:
    """A new row: planned for now or for the time it waits for, or skipped for the reason the decision gives."""
    skip, moved = decision.skip, decision.moved
    return {
        "reminder_id": decision.reminder_id,
        "case_id": decision.case_id,
        "deadline": decision.deadline,
        "due_on": decision.due_on,
        "revision": decision.revision,
        "rung": decision.rung,
        "event_id": decision.event_id,
        "event_type": decision.event_type,
        "fact": json.dumps(fact) if fact else None,
        "letter": decision.letter,
        "template_version": template_version(decision.letter),
        "recipient": decision.recipient.id,
        "recipient_role": decision.recipient.role.value,
        "channel": decision.channel,
        "category": decision.category.value,
        "because": decision.because,
        "owed_on": decision.owed_on,
        "due_at": due_at,
        "status": (Status.SKIPPED if skip else Status.PLANNED).value,
        "cause": skip.cause.value if skip else None,
        "reason": skip.reason if skip else None,
        "moved": moved.because if moved else None,
        "attempts": 0,
        "next_attempt_at": None if skip else moved.to if moved else due_at,
        "token": 0,
    }
