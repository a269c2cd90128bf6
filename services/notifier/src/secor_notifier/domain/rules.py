"""Who gets which letter when: the ladders of reminders before and after a deadline, and the letters on events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from secor_notifier.domain.calendars import Calendar
from secor_notifier.domain.hours import GoodHours

MAIL = "mail"


class Audience(StrEnum):
    """To whom a rule speaks; `employer` is contact and champion, `second` the one of them who is not the contact,
    `owner` whoever owes the deadline.
    """

    CONTACT = "contact"
    CHAMPION = "champion"
    EMPLOYER = "employer"
    SECOND = "second"
    STAFF = "staff"
    WORKSAFEBC = "worksafebc"
    OWNER = "owner"


class Category(StrEnum):
    """What happens when nobody knows whether a letter arrived: a notice goes out again, a nudge does not."""

    NOTICE = "notice"
    NUDGE = "nudge"


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: so many days from the due date (before it: negative), this letter to those."""

    days: int
    to: tuple[Audience, ...]
    letter: str
    escalates: bool = False

    @property
    def warns(self) -> bool:
        """Whether it speaks before the date is over."""
        return self.days <= 0

    def falls_on(self, due_on: date, hours: GoodHours) -> date:
        """The local day on which it is reached."""
        day = due_on + timedelta(days=self.days)
        return hours.day_of_warning(day) if self.warns else day


@dataclass(frozen=True)
class Ladder:
    """All rungs for one deadline, earliest first."""

    rungs: tuple[Rung, ...]
    source: str
    mandatory: bool = True
    inhibited_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventRule:
    """A letter which one kind of event calls for.

    `while_in`, `while_held` and `unless_open` say how long it stays true; `at_once` that it answers what its reader
    has just done.
    """

    letter: str
    to: tuple[Audience, ...]
    source: str
    only_if: str | None = None
    when_closed: bool = False
    while_in: tuple[str, ...] = ()
    while_held: bool = False
    unless_open: tuple[str, ...] = ()
    at_once: bool = False


@dataclass(frozen=True)
class Retry:
    """How often a letter is tried again: growing pauses, and an end."""

    pauses: tuple[timedelta, ...]
    give_up_after: timedelta


@dataclass(frozen=True)
class Digest:
    """The letter that tells staff, on each business day at a local time, what needs somebody."""

    letter: str
    at: time
    calendar: Calendar
    due_within_days: int

    def dates_until(self, today: date) -> date:
        """The last day whose dates it tells."""
        return today + timedelta(days=self.due_within_days)


@dataclass(frozen=True)
class Enclosing:
    """Whether an audit's documents go with the letter to WorkSafeBC; if not, or if larger, the letter links them."""

    attach: bool
    attach_at_most_bytes: int

    def attaches(self, size: int) -> bool:
        return self.attach and size <= self.attach_at_most_bytes


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
    nudges: frozenset[str]
    together: str
    hours: GoodHours
    digest: Digest
    stale_after: timedelta
    retry: Retry
    enclosing: Enclosing
    programme: Programme
    fingerprint: str
    staff_channels: tuple[str, ...] = (MAIL,)
    """On each of these staff are told; not in the file, since the addresses of the others are secrets."""

    def ladder(self, deadline: str) -> Ladder:
        """The deadline's own ladder, or the one for deadlines nobody has thought of yet."""
        return self.ladders.get(deadline, self.otherwise)

    def event_rule(self, event_type: str, letter: str) -> EventRule | None:
        return next((rule for rule in self.events.get(event_type, ()) if rule.letter == letter), None)

    def category(self, letter: str) -> Category:
        return Category.NUDGE if letter in self.nudges else Category.NOTICE
