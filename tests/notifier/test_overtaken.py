"""A letter on an event is asked about once more before it goes: what is no longer true is not sent."""

from datetime import date

from notifier.given import DUE, RULES, deadline, event, watch
from secor_notifier.domain.circumstances import ORDINARY, Circumstances
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.skip import Cause
from secor_notifier.domain.verdict import still_owed
from secor_notifier.domain.watch import Watch

TODAY = date(2026, 12, 1)


def cause(kind: str, now: Watch, told: Circumstances = ORDINARY) -> Cause | None:
    happened = event(kind)
    letter = letters_for(happened, watch(held=True), RULES, happened.happened_at)[0]
    skip = still_owed(letter, now, RULES, TODAY, told)
    return skip.cause if skip else None


def test_a_hold_that_was_released_at_once_is_not_told() -> None:
    assert cause("CaseHeld", watch(held=True)) is None
    assert cause("CaseHeld", watch()) is Cause.OVERTAKEN


def test_a_notice_is_not_said_to_be_accepted_when_the_audit_is_in() -> None:
    assert cause("NoticeAccepted", watch()) is None
    assert cause("NoticeAccepted", watch(state="AuditSubmitted")) is Cause.OVERTAKEN


def test_nor_when_it_was_amended_so_that_it_is_to_be_answered_anew() -> None:
    assert cause("NoticeAccepted", watch(deadline("notice_answer", DUE, "staff"))) is Cause.OVERTAKEN


def test_who_wants_no_reminders_is_still_told_what_happened() -> None:
    everybody = Circumstances(opted_out=frozenset({one for one in (watch().contact_id, watch().champion_id) if one}))

    assert cause("NoticeAccepted", watch(), everybody) is None
