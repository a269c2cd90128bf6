"""One append: what is to be written, and what may become of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from secor_workflow.database.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One event to be written after version `version - 1` of its case, with what stands beside it."""

    case_id: UUID
    version: int
    event_id: UUID
    follows: UUID | None = None
    """The event that the decision took for the case's newest; none before the first."""
    type: str
    actor: str
    text: str
    """The event without its position."""
    row: dict[str, Any]
    """The case's row in the read model, but for version and position."""
    idempotency_key: str | None = None
    request_digest: str | None = None
    beside: Sequence[Row | sa.Executable] = ()
    """What stands or falls with the event: rows of people and texts, and statements that erase."""

    def event_row(self) -> dict[str, Any]:
        """Its row in the log, but for position and body."""
        return {
            "case_id": self.case_id,
            "version": self.version,
            "event_id": self.event_id,
            "type": self.type,
            "actor": self.actor,
            "idempotency_key": self.idempotency_key,
            "request_digest": self.request_digest,
        }

    def case_row(self) -> dict[str, Any]:
        """The case's row in the read model, but for the position."""
        return {**self.row, "case_id": self.case_id, "version": self.version}


@dataclass(frozen=True, slots=True)
class Appended:
    position: int
    text: str = field(default="", repr=False, compare=False)
    """The event at its place."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The case has moved on; read it again and decide again."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The caller's idempotency key is already in the log."""


Outcome = Appended | Conflict | Duplicate
