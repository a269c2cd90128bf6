"""Whether an endpoint wants to be told of an event."""

from secor_notifier.domain.event import Event
from secor_notifier.webhooks.rows import Interest

EVERY_EVENT = "*"


def wants(interest: Interest, event: Event) -> bool:
    """By its type; and where deadlines are named, only if one of them stands after it or is what it is about."""
    if EVERY_EVENT not in interest.events and event.type not in interest.events:
        return False
    if not interest.deadlines:
        return True
    about = {deadline.name for deadline in event.deadlines} | {event.told("deadline")}
    return not interest.deadlines.isdisjoint(about)
