"""Who gets which letter when: the ladders of reminders before and after a deadline, and the letters on events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Audience(StrEnum):
    """To whom a rule speaks; `employer` is contact and champion, `owner` whoever owes the deadline."""

    CONTACT = "contact"
    CHAMPION = "champion"
    EMPLOYER = "employer"
    STAFF = "staff"
    WORKSAFEBC = "worksafebc"
    OWNER = "owner"


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: so many days from the due date (before it: negative), this letter to those."""

    days: int
    to: tuple[Audience, ...]
    letter: str


@dataclass(frozen=True)
class Ladder:
    """All rungs for one deadline, earliest first."""

    rungs: tuple[Rung, ...]
    source: str

    def days(self, due_on: date) -> tuple[date, ...]:
        """The local days on which somebody may be owed a letter."""
        return tuple(due_on + timedelta(days=rung.days) for rung in self.rungs)


@dataclass(frozen=True)
class EventRule:
    """A letter which one kind of event calls for."""

    letter: str
    to: tuple[Audience, ...]
    source: str
    only_if: str | None = None
    when_closed: bool = False


@dataclass(frozen=True)
class Retry:
    """How often a letter is tried again: growing pauses, and an end."""

    pauses: tuple[timedelta, ...]
    give_up_after: timedelta


@dataclass(frozen=True)
class Programme:
    """Addresses on the web which letters point to, and what they advise."""

    manual_url: str
    training_url: str
    audit_guide_url: str
    recertification_days: int


@dataclass(frozen=True)
class Rules:
    """Everything rules.toml says; `fingerprint` changes whenever its text does."""

    ladders: Mapping[str, Ladder]
    otherwise: Ladder
    events: Mapping[str, tuple[EventRule, ...]]
    stale_after: timedelta
    retry: Retry
    programme: Programme
    fingerprint: str

    def ladder(self, deadline: str) -> Ladder:
        """The deadline's own ladder, or the one for deadlines nobody has thought of yet."""
        return self.ladders.get(deadline, self.otherwise)

    def event_rule(self, event_type: str, letter: str) -> EventRule | None:
        return next((rule for rule in self.events.get(event_type, ()) if rule.letter == letter), None)
