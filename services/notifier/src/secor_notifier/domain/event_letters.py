"""Letters that an event calls for, decided when the event is read."""

from datetime import datetime

from secor_notifier.domain.event import Event
from secor_notifier.domain.recipients import recipients
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.watch import Watch


def letters_for(event: Event, watch: Watch, rules: Rules, now: datetime) -> tuple[Owed, ...]:
    """The letters of one event; `watch` is the case as the event left it."""
    deadline = watch.deadline(event.told("deadline") or "")
    return tuple(
        Owed(
            case_id=event.case_id,
            letter=rule.letter,
            recipient=recipient,
            owed_on=event.happened_on,
            deadline=deadline.name if deadline else None,
            due_on=deadline.due_on if deadline else None,
            event_id=event.event_id,
            event_type=event.type,
            revision=deadline.revision if deadline else 0,
            category=rules.category(rule.letter),
            skip=_stale(event, rules, now),
            because=f"{event.type} on {event.happened_on}",
        )
        for rule in rules.events.get(event.type, ())
        if rule.only_if is None or event.fact.get(rule.only_if)
        for recipient in recipients(watch, rule.to, deadline.owner if deadline else None)
    )


def _stale(event: Event, rules: Rules, now: datetime) -> Skip | None:
    age = now - event.happened_at
    if age <= rules.stale_after:
        return None
    within = f"letters go out within {rules.stale_after.days}"
    return Skip(Cause.STALE, f"Old news: it was read {age.days} days after it happened, and {within}.")
