"""What is owed to whom: derived from a watch, the rules and today's date, never scheduled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from secor_notifier.domain.recipients import EMPLOYER_ROLES, Recipient, recipients
from secor_notifier.domain.rules import Ladder, Rules, Rung
from secor_notifier.domain.watch import Watch, Watched

NAMESPACE = UUID("5ec0a000-0000-5000-8000-00000000000d")
HELD = "The case is on hold: reminders to the employer pause."


@dataclass(frozen=True)
class Owed:
    """One decision: this letter to this recipient for this rung or event; with a reason, it is not to be sent."""

    case_id: str
    letter: str
    recipient: Recipient
    owed_on: date
    deadline: str | None = None
    due_on: date | None = None
    rung: int | None = None
    event_id: str | None = None
    event_type: str | None = None
    reason: str | None = None

    @property
    def key(self) -> str:
        """What makes this decision one and the same, whenever and however often it is derived."""
        if self.event_id is not None:
            return f"event/{self.event_id}/{self.letter}/{self.recipient.id}"
        return f"deadline/{self.case_id}/{self.deadline}/{self.due_on}/{self.rung}/{self.recipient.id}"

    @property
    def reminder_id(self) -> str:
        return str(uuid5(NAMESPACE, self.key))


def owed(watch: Watch, rules: Rules, today: date) -> tuple[Owed, ...]:
    """For each open deadline and recipient the one rung that is right today, and those it has overtaken."""
    if watch.closed:
        return ()
    return tuple(
        decision
        for deadline in watch.deadlines
        for decision in _of_deadline(watch, deadline, rules.ladder(deadline.name), today)
    )


def _of_deadline(watch: Watch, deadline: Watched, ladder: Ladder, today: date) -> Iterator[Owed]:
    reached = [rung for rung in ladder.rungs if _is_reached(rung, deadline, today)]
    for recipient, rungs in _by_recipient(watch, deadline, reached).items():
        right = max(rungs, key=lambda rung: rung.days)
        for rung in rungs:
            yield Owed(
                case_id=watch.case_id,
                letter=rung.letter,
                recipient=recipient,
                owed_on=deadline.due_on + timedelta(days=rung.days),
                deadline=deadline.name,
                due_on=deadline.due_on,
                rung=rung.days,
                reason=_reason(watch, recipient, rung, right, deadline, today),
            )


def _by_recipient(watch: Watch, deadline: Watched, rungs: list[Rung]) -> dict[Recipient, list[Rung]]:
    found: dict[Recipient, list[Rung]] = {}
    for rung in rungs:
        for recipient in recipients(watch, rung.to, deadline.owner):
            found.setdefault(recipient, []).append(rung)
    return found


def _is_reached(rung: Rung, deadline: Watched, today: date) -> bool:
    day = deadline.due_on + timedelta(days=rung.days)
    if deadline.moved_on and day < deadline.moved_on:
        # The letter about the new date has said it already.
        return False
    # The workflow may see the day end before our own clock does; but what its clock sees far ahead is not yet so here.
    return day <= today or (deadline.missed and rung.days == 1 and today >= deadline.due_on)


def _reason(  # noqa: PLR0913 - the six things on which one answer rests
    watch: Watch, recipient: Recipient, rung: Rung, right: Rung, deadline: Watched, today: date
) -> str | None:
    if rung is not right:
        return f"Superseded by the rung {right.days:+d} days."
    if rung.days <= 0 and (deadline.missed or today > deadline.due_on):
        return "The due date is over: a warning would come too late."
    if watch.held and recipient.role in EMPLOYER_ROLES:
        return HELD
    return None


def next_look(watch: Watch, rules: Rules, today: date) -> date | None:
    """The first local day after today on which this watch may owe something new."""
    if watch.closed:
        return None
    days = (day for deadline in watch.deadlines for day in rules.ladder(deadline.name).days(deadline.due_on))
    return min((day for day in days if day > today), default=None)


def upcoming(watch: Watch, rules: Rules, today: date, until: date) -> tuple[Owed, ...]:
    """What will go out from today until then, both included, if nothing changes."""
    found: dict[str, Owed] = {one.key: one for one in owed(watch, rules, today) if one.reason is None}
    day = next_look(watch, rules, today)
    while day is not None and day <= until:
        found |= {one.key: one for one in owed(watch, rules, day) if one.reason is None and one.owed_on == day}
        day = next_look(watch, rules, day)
    return tuple(found.values())
