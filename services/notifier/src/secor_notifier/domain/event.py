"""A fact as the workflow tells it: what happened, and what stands on the case afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Deadline:
    """A named local date by which somebody owes something."""

    name: str
    due_on: date
    owner: str
    missed: bool = False
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One row of the workflow's log; `happened_on` is its local day, `fact` holds ids, dates and codes, no names."""

    event_id: str
    case_id: str
    position: int
    type: str
    happened_at: datetime
    happened_on: date
    state: str
    deadlines: tuple[Deadline, ...]
    fact: Mapping[str, object] = field(default_factory=dict)

    def told(self, name: str) -> str | None:
        """A field of the fact, where it is a word."""
        value = self.fact.get(name)
        return value if isinstance(value, str) else None
