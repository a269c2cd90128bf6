"""Rows of the ledger as the rest of the notifier knows them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping

from secor_notifier.domain.recipients import Recipient, Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.watch import Watch


class Status(StrEnum):
    """Planned until it is sent, given up, or found not to be owed any more."""

    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Bookmark:
    """How far the feed has been read; no cursor means from the start."""

    cursor: str | None
    position: int
    pulled_at: datetime | None
    rules: str | None


@dataclass(frozen=True)
class Taken:
    """What one page of the feed taught: the cases it touched as they now stand, and the letters of its events."""

    cursor: str
    position: int
    watches: tuple[Watch, ...] = ()
    letters: tuple[tuple[Owed, Mapping[str, object]], ...] = ()


@dataclass(frozen=True)
class Reminder:
    """A decision and what became of it."""

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

    @property
    def reminder_id(self) -> str:
        return self.decision.reminder_id


@dataclass(frozen=True)
class Page:
    """Some reminders, oldest first, and where the next page begins, if there is one."""

    items: tuple[Reminder, ...]
    next_after: int | None


def reminder_of(row: RowMapping) -> Reminder:
    decision = Owed(
        case_id=row["case_id"],
        letter=row["letter"],
        recipient=Recipient(row["recipient"], Role(row["recipient_role"])),
        owed_on=row["owed_on"],
        deadline=row["deadline"],
        due_on=row["due_on"],
        rung=row["rung"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        reason=row["reason"],
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
    )


def row_of(decision: Owed, fact: Mapping[str, object], due_at: datetime) -> dict[str, Any]:
    """A new row: planned and to be tried at once, or skipped for the reason the decision gives."""
    planned = decision.reason is None
    return {
        "reminder_id": decision.reminder_id,
        "case_id": decision.case_id,
        "deadline": decision.deadline,
        "due_on": decision.due_on,
        "rung": decision.rung,
        "event_id": decision.event_id,
        "event_type": decision.event_type,
        "fact": json.dumps(fact) if fact else None,
        "letter": decision.letter,
        "recipient": decision.recipient.id,
        "recipient_role": decision.recipient.role.value,
        "owed_on": decision.owed_on,
        "due_at": due_at,
        "status": (Status.PLANNED if planned else Status.SKIPPED).value,
        "reason": decision.reason,
        "attempts": 0,
        "next_attempt_at": due_at if planned else None,
    }
