"""The last question before a letter goes out: does the case, as it stands now, still owe it?"""

from dataclasses import dataclass
from datetime import date

from secor_notifier.domain.recipients import EMPLOYER_ROLES, Recipient, Role
from secor_notifier.domain.reminders import Owed, owed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import Watch


@dataclass(frozen=True)
class Skip:
    """Not to be sent, and why."""

    reason: str


def still_owed(decision: Owed, watch: Watch, rules: Rules, today: date) -> Skip | None:
    """Nothing when the letter may go; else the reason why it must not."""
    if departed := _departed(decision.recipient, watch):
        return departed
    if decision.event_id is not None:
        return _event_letter(decision, watch, rules)
    return _reminder(decision, watch, rules, today)


def _departed(recipient: Recipient, watch: Watch) -> Skip | None:
    if recipient.role in EMPLOYER_ROLES and recipient.id not in {watch.contact_id, watch.champion_id}:
        part = "contact" if recipient.role is Role.CONTACT else "champion"
        return Skip(f"This person is no longer the case's {part}.")
    return None


def _event_letter(decision: Owed, watch: Watch, rules: Rules) -> Skip | None:
    rule = rules.event_rule(decision.event_type or "", decision.letter)
    if watch.closed and not (rule and rule.when_closed):
        return Skip("The case is closed.")
    if decision.deadline is None:
        return None
    return _fulfilled(decision, watch)


def _reminder(decision: Owed, watch: Watch, rules: Rules, today: date) -> Skip | None:
    if watch.closed:
        return Skip("The case is closed.")
    if fulfilled := _fulfilled(decision, watch):
        return fulfilled
    for one in owed(watch, rules, today):
        if one.key == decision.key:
            return Skip(one.reason) if one.reason else None
    return Skip("The rules no longer ask for this letter.")


def _fulfilled(decision: Owed, watch: Watch) -> Skip | None:
    deadline = watch.deadline(decision.deadline or "")
    if deadline is None:
        return Skip("The deadline is no longer open.")
    if deadline.due_on != decision.due_on:
        return Skip(f"The deadline has moved to {deadline.due_on}.")
    return None
