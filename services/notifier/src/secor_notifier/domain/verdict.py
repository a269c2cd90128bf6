"""The last question before a letter goes out: does the case, as it stands now, still owe it?"""

from datetime import date

from secor_notifier.domain.circumstances import Circumstances
from secor_notifier.domain.recipients import EMPLOYER_ROLES, Recipient, Role
from secor_notifier.domain.reminders import Owed, owed_of, unwanted
from secor_notifier.domain.rules import Category, EventRule, Rules
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.watch import Watch

CLOSED = Skip(Cause.CLOSED, "The case is closed.")
ERASED = Skip(Cause.ERASED, "The person was erased: there is no address any more.")
UNRULED = Skip(Cause.UNRULED, "The rules no longer ask for this letter.")


def still_owed(decision: Owed, watch: Watch, rules: Rules, today: date, told: Circumstances) -> Skip | None:
    """Nothing when the letter may go; else the reason why it must not."""
    if departed := _departed(decision.recipient, watch):
        return departed
    if decision.event_id is not None:
        return _event_letter(decision, watch, rules, told)
    return _reminder(decision, watch, rules, today, told)


def _departed(recipient: Recipient, watch: Watch) -> Skip | None:
    if recipient.id in watch.erased:
        return ERASED
    if recipient.role in EMPLOYER_ROLES and recipient.id not in {watch.contact_id, watch.champion_id}:
        part = "contact" if recipient.role is Role.CONTACT else "champion"
        return Skip(Cause.DEPARTED, f"This person is no longer the case's {part}.")
    return None


def _event_letter(decision: Owed, watch: Watch, rules: Rules, told: Circumstances) -> Skip | None:
    rule = rules.event_rule(decision.event_type or "", decision.letter)
    if rule is None:
        return UNRULED
    if overtaken := _overtaken(rule, watch):
        return overtaken
    if decision.deadline is not None and (fulfilled := _fulfilled(decision, watch)):
        return fulfilled
    # Who wants no reminders is still told what happened; a silence covers both.
    nudge = rules.category(decision.letter) is Category.NUDGE
    return unwanted(decision, told if nudge else Circumstances(told.silences), others_are_told=False)


def _overtaken(rule: EventRule, watch: Watch) -> Skip | None:
    if watch.closed and not rule.when_closed:
        return CLOSED
    if rule.while_held and not watch.held:
        return Skip(Cause.OVERTAKEN, "The hold is over.")
    if rule.while_in and watch.state not in rule.while_in:
        return Skip(Cause.OVERTAKEN, f"The case has moved on to {watch.state}: this letter is no longer true.")
    if reopened := next((name for name in rule.unless_open if watch.deadline(name)), None):
        return Skip(Cause.OVERTAKEN, f"{reopened} is open again: this letter is no longer true.")
    return None


def _reminder(decision: Owed, watch: Watch, rules: Rules, today: date, told: Circumstances) -> Skip | None:
    if watch.closed:
        return CLOSED
    if fulfilled := _fulfilled(decision, watch):
        return fulfilled
    deadline = watch.deadline(decision.deadline or "")
    for one in owed_of(watch, deadline, rules, today, told) if deadline else ():
        if one.rung == decision.rung and one.key == decision.key:
            return one.skip
    return UNRULED


def _fulfilled(decision: Owed, watch: Watch) -> Skip | None:
    deadline = watch.deadline(decision.deadline or "")
    if deadline is None:
        return Skip(Cause.FULFILLED, "The deadline is no longer open.")
    if deadline.due_on != decision.due_on:
        return Skip(Cause.MOVED, f"The deadline has moved to {deadline.due_on}.")
    if deadline.revision != decision.revision:
        return Skip(Cause.MOVED, "The deadline was opened anew since.")
    return None
