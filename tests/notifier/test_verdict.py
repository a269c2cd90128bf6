"""Right before sending, the case is asked once more."""

from dataclasses import replace
from datetime import date, timedelta

from notifier.given import DUE, RULES, deadline, event, to_send, watch
from secor_notifier.domain.circumstances import ORDINARY
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.reminders import HELD
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.verdict import still_owed
from secor_notifier.domain.watch import Watch

WEEK_BEFORE = DUE - timedelta(days=7)
REMINDER = to_send(watch(deadline()), WEEK_BEFORE)[0]
NOTICE = letters_for(event("NoticeAccepted"), watch(), RULES, event("NoticeAccepted").happened_at)[0]


def reason(case: Watch, today: date = WEEK_BEFORE) -> str | None:
    skip = still_owed(REMINDER, case, RULES, today, ORDINARY)
    return skip.reason if skip else None


def test_a_reminder_still_owed_may_go() -> None:
    assert reason(watch(deadline())) is None


def test_a_fulfilled_deadline_stops_its_reminder() -> None:
    assert reason(watch()) == "The deadline is no longer open."


def test_a_moved_deadline_stops_the_old_dates_reminder() -> None:
    assert reason(watch(deadline(due_on=date(2027, 3, 1)))) == "The deadline has moved to 2027-03-01."


def test_a_closed_case_stops_all_but_the_letter_on_its_closing() -> None:
    closed = watch(deadline(), state="Closed")
    closing = letters_for(event("CaseClosed"), closed, RULES, event("CaseClosed").happened_at)[0]

    assert reason(closed) == "The case is closed."
    assert still_owed(NOTICE, closed, RULES, WEEK_BEFORE, ORDINARY) == Skip(Cause.CLOSED, "The case is closed.")
    assert still_owed(closing, closed, RULES, WEEK_BEFORE, ORDINARY) is None


def test_a_hold_stops_it_for_now() -> None:
    assert reason(watch(deadline(), held=True)) == HELD.reason


def test_a_later_rung_stops_the_one_before() -> None:
    assert reason(watch(deadline()), DUE - timedelta(days=1)) == "Superseded by the rung -1 days."


def test_who_is_no_longer_contact_gets_nothing() -> None:
    assert reason(watch(deadline(), contact="another")) == "This person is no longer the case's contact."


def test_who_is_no_longer_champion_gets_nothing() -> None:
    to_champion = to_send(watch(deadline()), WEEK_BEFORE)[1]
    skip = still_owed(to_champion, watch(deadline(), champion="another"), RULES, WEEK_BEFORE, ORDINARY)

    assert skip == Skip(Cause.DEPARTED, "This person is no longer the case's champion.")


def test_a_rung_taken_out_of_the_rules_is_not_sent() -> None:
    without = replace(RULES, ladders={**RULES.ladders, "audit_submission": replace(RULES.otherwise, rungs=())})

    assert still_owed(REMINDER, watch(deadline()), without, WEEK_BEFORE, ORDINARY) == Skip(
        Cause.UNRULED, "The rules no longer ask for this letter."
    )


def test_an_extension_is_told_only_while_it_stands() -> None:
    extended = event("DeadlineExtended", {"deadline": "audit_submission"})
    letter = letters_for(extended, watch(deadline()), RULES, extended.happened_at)[0]

    assert still_owed(letter, watch(deadline()), RULES, WEEK_BEFORE, ORDINARY) is None
    assert still_owed(letter, watch(), RULES, WEEK_BEFORE, ORDINARY) == Skip(
        Cause.FULFILLED, "The deadline is no longer open."
    )
