"""The staff's daily letter: whether it is due, and what stands in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from secor_notifier.domain.recipients import Recipient, Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Digest, Rules
from secor_notifier.domain.watch import STAFF, Watch
from secor_notifier.zone import ZONE

NO_CASE = ""


@dataclass(frozen=True)
class Line:
    """One thing that needs somebody: the case it is about, and what it is; with an owner, that is a deadline's name."""

    case_id: str
    what: str
    due_on: date | None = None
    employer: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Contents:
    """The digest's parts, each with its lines."""

    overdue: tuple[Line, ...] = ()
    coming: tuple[Line, ...] = ()
    stuck: tuple[Line, ...] = ()
    undelivered: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.overdue + self.coming + self.stuck + self.undelivered

    def named(self, employers: dict[str, str]) -> "Contents":
        """The same with the employers' names, as far as they are known."""

        def name(lines: tuple[Line, ...]) -> tuple[Line, ...]:
            return tuple(replace(line, employer=employers.get(line.case_id, "")) for line in lines)

        return Contents(name(self.overdue), name(self.coming), name(self.stuck), name(self.undelivered))


def digest_due(rules: Rules, now: datetime) -> Owed | None:
    """Today's digest, if its hour has come; one that was missed on another day is not made up for."""
    local = now.astimezone(ZONE)
    digest = rules.digest
    if local.time() < digest.at or digest.calendar.closed(local.date()):
        return None
    return Owed(
        case_id=NO_CASE,
        letter=digest.letter,
        recipient=Recipient(STAFF, Role.STAFF),
        owed_on=local.date(),
        category=rules.category(digest.letter),
        because=f"The daily digest at {digest.at:%H:%M}.",
    )


def dates_to_tell(watches: Iterable[Watch], digest: Digest, today: date) -> Contents:
    """What is overdue and what falls due soon on open cases, earliest first."""
    until = digest.dates_until(today)
    found = sorted(
        (
            Line(watch.case_id, one.name, one.due_on, owner=one.owner)
            for watch in watches
            for one in watch.deadlines
            if not watch.closed and one.due_on <= until
        ),
        key=lambda line: (line.due_on or today, line.case_id),
    )
    overdue = tuple(line for line in found if line.due_on and line.due_on < today)
    return Contents(overdue=overdue, coming=tuple(line for line in found if line not in overdue))
