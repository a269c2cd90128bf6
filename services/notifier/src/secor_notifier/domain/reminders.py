"""What is owed to whom: derived from a watch, the rules and today's date, never scheduled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from secor_notifier.domain.circumstances import ORDINARY, Circumstances
from secor_notifier.domain.hours import Moved
from secor_notifier.domain.recipients import EMPLOYER_ROLES, Recipient, Role, recipients, told_instead
from secor_notifier.domain.rules import MAIL, Category, Ladder, Rules, Rung
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.watch import EMPLOYER, Watch, Watched
from secor_notifier.zone import ZONE, local_date

NAMESPACE = UUID("5ec0a000-0000-5000-8000-00000000000d")
HELD = Skip(Cause.HELD, "The case is on hold: reminders to the employer pause.")
TOO_LATE = Skip(Cause.TOO_LATE, "The due date is over: a warning would come too late.")

INSTEAD_OF_ERASED = "told instead of a person who was erased"


@dataclass(frozen=True)
class Owed:
    """One decision: this letter to this recipient for this rung or event; with a skip, it is not to be sent."""

    case_id: str
    letter: str
    recipient: Recipient
    owed_on: date
    deadline: str | None = None
    due_on: date | None = None
    revision: int = 0
    rung: int | None = None
    event_id: str | None = None
    event_type: str | None = None
    channel: str = MAIL
    category: Category = Category.NOTICE
    because: str | None = None
    skip: Skip | None = None
    moved: Moved | None = None

    @property
    def reason(self) -> str | None:
        """Why it is not sent."""
        return self.skip.reason if self.skip else None

    @property
    def key(self) -> str:
        """What makes this decision one and the same, whenever and however often it is derived."""
        if self.deadline is None and self.event_id is None:
            return f"digest/{self.owed_on}/{self.recipient.id}{self._by_channel}"
        if self.event_id is not None:
            return f"event/{self.event_id}/{self.letter}/{self.recipient.id}{self._by_channel}"
        standing = f"{self.due_on}" + (f"@{self.revision}" if self.revision else "")
        return f"deadline/{self.case_id}/{self.deadline}/{standing}/{self.rung}/{self.recipient.id}{self._by_channel}"

    @property
    def _by_channel(self) -> str:
        return "" if self.channel == MAIL else f"/{self.channel}"

    @property
    def reminder_id(self) -> str:
        return str(uuid5(NAMESPACE, self.key))


def owed(watch: Watch, rules: Rules, today: date, told: Circumstances = ORDINARY) -> tuple[Owed, ...]:
    """For each open deadline and recipient the one rung that is right today, and those it has overtaken."""
    if watch.closed:
        return ()
    return tuple(decision for deadline in watch.deadlines for decision in owed_of(watch, deadline, rules, today, told))


def owed_of(watch: Watch, deadline: Watched, rules: Rules, today: date, told: Circumstances) -> Iterator[Owed]:
    """What is owed of one of the watch's deadlines."""
    ladder = rules.ladder(deadline.name)
    reached = [rung for rung in ladder.rungs if _is_reached(rung, deadline, rules, today)]
    for recipient, rungs in _by_recipient(watch, deadline, ladder, reached, told).items():
        right = rungs[max(rungs)]
        for rung in rungs.values():
            decision = Owed(
                case_id=watch.case_id,
                letter=rung.letter,
                recipient=recipient,
                owed_on=rung.falls_on(deadline.due_on, rules.hours),
                deadline=deadline.name,
                due_on=deadline.due_on,
                revision=deadline.revision,
                rung=rung.days,
                category=rules.category(rung.letter),
                because=_because(rung, deadline, recipient, watch),
            )
            skip = (
                _overtaken(rung, right, deadline, today)
                or _kept_back(watch, rung, recipient, ladder, today)
                or unwanted(decision, told, others_are_told=ladder.mandatory)
            )
            yield from by_channel(replace(decision, skip=skip), rules)


def by_channel(decision: Owed, rules: Rules) -> Iterator[Owed]:
    """Staff are told on each of their channels, everybody else by mail; what fails on one is owed on it alone."""
    channels = rules.staff_channels if decision.recipient.role is Role.STAFF else (MAIL,)
    return (decision if channel == decision.channel else replace(decision, channel=channel) for channel in channels)


def _by_recipient(
    watch: Watch, deadline: Watched, ladder: Ladder, rungs: list[Rung], told: Circumstances
) -> dict[Recipient, dict[int, Rung]]:
    """Each recipient's rungs by their days; who wants none is not forgotten, and others are told as well."""
    found: dict[Recipient, dict[int, Rung]] = {}
    for rung in rungs:
        meant = recipients(watch, rung.to, deadline.owner)
        instead = told_instead(watch, meant, told.opted_out) if ladder.mandatory else ()
        for recipient in (*meant, *instead):
            found.setdefault(recipient, {}).setdefault(rung.days, rung)
    return found


def _is_reached(rung: Rung, deadline: Watched, rules: Rules, today: date) -> bool:
    if rung.warns and deadline.since and deadline.due_on + timedelta(days=rung.days) < deadline.since:
        # The letter about the new date has said it already.
        return False
    # The workflow may see the day end before our own clock does; but what its clock sees far ahead is not yet so here.
    early = deadline.missed and rung.days == 1 and today >= deadline.due_on
    return early or rung.falls_on(deadline.due_on, rules.hours) <= today


def _overtaken(rung: Rung, right: Rung, deadline: Watched, today: date) -> Skip | None:
    if rung is not right:
        return Skip(Cause.SUPERSEDED, f"Superseded by the rung {right.days:+d} days.")
    return TOO_LATE if rung.warns and _over(deadline, today) else None


def _kept_back(watch: Watch, rung: Rung, recipient: Recipient, ladder: Ladder, today: date) -> Skip | None:
    if watch.held and recipient.role in EMPLOYER_ROLES:
        return HELD
    if rung.warns:
        for name in ladder.inhibited_by:
            if (other := watch.deadline(name)) and _over(other, today):
                return Skip(Cause.INHIBITED, f"{name} is over: a warning of what comes after it would mislead.")
    return None


def unwanted(decision: Owed, told: Circumstances, *, others_are_told: bool) -> Skip | None:
    """What people have asked for: no reminders at all, or silence for a while."""
    recipient = decision.recipient
    if recipient.id in told.opted_out:
        instead = " The employer's other person and staff are told instead." if others_are_told else ""
        return Skip(Cause.OPTED_OUT, f"This person wants no reminders.{instead}")
    if silence := told.silence(decision.case_id, decision.deadline, decision.letter, recipient):
        return Skip(Cause.SILENCED, silence.reason)
    return None


def _over(deadline: Watched, today: date) -> bool:
    return deadline.missed or today > deadline.due_on


def _because(rung: Rung, deadline: Watched, recipient: Recipient, watch: Watch) -> str:
    match rung.days:
        case 0:
            when = "On the day on which"
        case days if days < 0:
            when = f"{-days} {'day' if days == -1 else 'days'} before"
        case days:
            when = f"{days} {'day' if days == 1 else 'days'} after"
    fell = "falls" if rung.warns else "fell"
    said = f"{when} {deadline.name} {fell} due on {deadline.due_on}"
    if rung.escalates:
        return f"{said}: it is still open, so it goes further up."
    if recipient not in recipients(watch, rung.to, deadline.owner):
        return f"{said}: told instead of a person who wants no reminders."
    if recipient not in recipients(replace(watch, erased=()), rung.to, deadline.owner):
        return f"{said}: {INSTEAD_OF_ERASED}."
    return f"{said}; {'the employer' if deadline.owner == EMPLOYER else 'staff'} owes it."


def timed(decision: Owed, rules: Rules, now: datetime) -> Owed:
    """The same decision with the time for which it waits, if it came up outside of good hours."""
    if decision.skip or decision.recipient.role not in EMPLOYER_ROLES:
        return decision
    rule = rules.event_rule(decision.event_type or "", decision.letter)
    moved = None if rule and rule.at_once else rules.hours.moved(now)
    if moved and decision.due_on and (decision.rung or 0) <= 0 and local_date(moved.to) > decision.due_on:
        return decision  # by then it would be too late, so it goes at once
    return replace(decision, moved=moved)


def next_look(watch: Watch, rules: Rules, today: date) -> date | None:
    """The first local day after today on which this watch may owe something new."""
    if watch.closed:
        return None
    days = (
        rung.falls_on(deadline.due_on, rules.hours)
        for deadline in watch.deadlines
        for rung in rules.ladder(deadline.name).rungs
    )
    return min((day for day in days if day > today), default=None)


def upcoming(watch: Watch, rules: Rules, today: date, until: date, told: Circumstances = ORDINARY) -> tuple[Owed, ...]:
    """What will come up from today until then, both included, if nothing changes: each decision as of its day, with
    what is `told` today and lasts until that day begins.
    """
    found: dict[str, Owed] = {one.key: one for one in owed(watch, rules, today, told)}
    day = next_look(watch, rules, today)
    while day is not None and day <= until:
        then = told.from_then(datetime.combine(day, time(), ZONE))
        found |= {one.key: one for one in owed(watch, rules, day, then) if one.owed_on == day}
        day = next_look(watch, rules, day)
    return tuple(found.values())
