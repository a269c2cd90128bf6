"""One case in one line: what happened, what fell due and falls due, and every letter with what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from secor_notifier.domain.event import Event
from secor_notifier.ledger import Delivery, Reminder, Status
from secor_notifier.ledger.reading import Reading
from secor_notifier.plan import Plan, Planned
from secor_notifier.workflow import Reads
from secor_notifier.zone import ZONE

AHEAD_DAYS = 366


class What(StrEnum):
    """Kinds of entries."""

    EVENT = "event"
    DEADLINE = "deadline"
    LETTER = "letter"
    DELIVERY = "delivery"


@dataclass(frozen=True)
class Entry:
    """Something at an instant; `ahead` if it has not come yet."""

    at: datetime
    what: What
    title: str
    ahead: bool = False
    reminder_id: str | None = None
    event_id: str | None = None
    status: str | None = None
    because: str | None = None
    template_version: str | None = None
    written_as: str | None = None
    written_version: str | None = None


@dataclass(frozen=True)
class Timeline:
    """Put together from the workflow's events, the plan and the ledger."""

    reads: Reads
    reading: Reading
    plan: Plan

    async def of(self, case_id: str) -> list[Entry]:
        events = await self.reads.events(case_id)
        letters = await self.reading.of_case(case_id)
        coming = await self.plan.of_case(case_id, AHEAD_DAYS)
        now = self.plan.clock.now()
        entries = [*map(_event, events), *_deadlines(events, now), *_letters(letters), *map(_coming, coming)]
        return sorted(entries, key=lambda entry: entry.at)


def _event(event: Event) -> Entry:
    return Entry(event.happened_at, What.EVENT, event.type, event_id=event.event_id, status=event.state)


def _deadlines(events: list[Event], now: datetime) -> Iterator[Entry]:
    """Those which stand, on their days."""
    for deadline in events[-1].deadlines if events else ():
        at = datetime.combine(deadline.due_on, time.max, ZONE)
        title = f"{deadline.name} is due, owed by {deadline.owner}"
        yield Entry(at, What.DEADLINE, title, ahead=at > now, status="missed" if deadline.missed else "open")


def _letters(letters: list[Reminder]) -> Iterator[Entry]:
    for one in letters:
        if one.status in {Status.PLANNED, Status.FAILED}:
            continue
        at = one.sent_at or one.attempt_started_at or one.due_at
        because = one.decision.reason or one.last_error or one.decision.because
        yield Entry(
            at,
            What.LETTER,
            _title(one),
            reminder_id=one.reminder_id,
            status=one.status,
            because=because,
            template_version=one.template_version,
            written_as=one.written.letter if one.written else None,
            written_version=one.written.version if one.written else None,
        )
        if one.delivery and one.delivery_at:
            yield Entry(
                one.delivery_at,
                What.DELIVERY,
                f"{_title(one)} {'came back' if one.delivery is Delivery.FAILED else one.delivery}",
                reminder_id=one.reminder_id,
                status=one.delivery,
                because=one.delivery_status,
            )


def _title(reminder: Reminder) -> str:
    return f"{reminder.decision.letter} to {reminder.decision.recipient.role}"


def _coming(planned: Planned) -> Entry:
    decision = planned.decision
    return Entry(
        planned.at,
        What.LETTER,
        f"{decision.letter} to {decision.recipient.role}",
        ahead=True,
        reminder_id=decision.reminder_id,
        status="will not be sent" if decision.skip else "planned",
        because=decision.reason or planned.waits_because or decision.because,
        template_version=planned.template_version,
    )
