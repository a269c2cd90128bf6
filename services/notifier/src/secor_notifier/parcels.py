"""Which reminders go out as one letter: nudges about dates for one person that are due together."""

from collections.abc import Iterable

from secor_notifier.domain.recipients import Role
from secor_notifier.domain.rules import Category
from secor_notifier.ledger import Reminder

Parcel = tuple[Reminder, ...]


def parcels(batch: Iterable[Reminder]) -> list[Parcel]:
    """Each reminder in one parcel, in the order of the first of each."""
    found: dict[object, list[Reminder]] = {}
    for reminder in batch:
        found.setdefault(_together(reminder), []).append(reminder)
    return [tuple(parcel) for parcel in found.values()]


def about(reminder: Reminder) -> dict[str, str]:
    """What a line of the log says of a letter: which it is, of which case, and of nobody."""
    decision = reminder.decision
    return {"reminder_id": reminder.reminder_id, "letter": decision.letter, "case_id": decision.case_id}


def _together(reminder: Reminder) -> object:
    decision = reminder.decision
    alone = decision.category is Category.NOTICE or decision.deadline is None or decision.event_id is not None
    if alone or decision.recipient.role is Role.WORKSAFEBC:
        return reminder.seq
    if reminder.message_id:
        return reminder.message_id  # tried before: should that have arrived after all, it is known as the same letter
    return decision.recipient.id, decision.channel
