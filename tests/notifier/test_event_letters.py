"""Which letters an event calls for."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.given import CHAMPION, CONTACT, RULES, deadline, event, watch
from secor_notifier.domain.event import Event
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.watch import Watch

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)
BOTH = {CONTACT, CHAMPION}


def letters(happened: Event, after: Watch, read_after: timedelta = timedelta(0)) -> set[tuple[str, str]]:
    found = letters_for(happened, after, RULES, happened.happened_at + read_after)
    return {(one.letter, one.recipient.id) for one in found if one.reason is None}


@pytest.mark.parametrize(
    ("kind", "fact", "expected"),
    [
        ("EmployerRegistered", {}, {("welcome", CONTACT)}),
        ("ChampionNamed", {}, {("champion_welcome", CHAMPION)}),
        ("ChampionReplaced", {}, {("champion_welcome", CHAMPION)}),
        ("TrainingLapsed", {}, {("training_lapsed", "staff"), *(("training_lapsed", who) for who in BOTH)}),
        ("NoticeAmended", {"lead_restarted": False}, {("notice_amended", who) for who in BOTH}),
        (
            "NoticeAmended",
            {"lead_restarted": True},
            {("notice_to_answer", "staff"), *(("notice_amended", who) for who in BOTH)},
        ),
        ("SelfAssessmentRecorded", {"gaps": []}, set()),
        ("SelfAssessmentRecorded", {"gaps": ["hazards"]}, {("gaps", who) for who in BOTH}),
        ("NoticeFiled", {}, {("notice_to_answer", "staff"), *(("notice_received", who) for who in BOTH)}),
        ("NoticeAccepted", {}, {("notice_accepted", who) for who in BOTH}),
        ("NoticeRefused", {}, {("notice_refused", who) for who in BOTH}),
        ("AuditSubmitted", {}, {("audit_received", who) for who in BOTH}),
        ("AuditResubmitted", {}, {("audit_received", who) for who in BOTH}),
        ("AuditReturned", {}, {("audit_returned", who) for who in BOTH}),
        ("AuditRejected", {}, {("audit_rejected", who) for who in BOTH}),
        ("QAPassed", {}, {("qa_passed", who) for who in BOTH}),
        ("QAFailed", {}, {("qa_failed", who) for who in BOTH}),
        (
            "ForwardedToWorkSafeBC",
            {},
            {("worksafebc_package", "worksafebc"), *(("forwarded", who) for who in BOTH)},
        ),
        ("CertificateIssued", {}, {("certificate_issued", who) for who in BOTH}),
        ("WorkSafeBCRefused", {}, {("worksafebc_refused", who) for who in {*BOTH, "staff"}}),
        ("CaseHeld", {}, {("case_held", who) for who in BOTH}),
        ("CaseReleased", {}, set()),
        ("CaseWithdrawn", {}, {("case_closed", who) for who in BOTH}),
        ("CaseClosed", {}, {("case_closed", who) for who in BOTH}),
        ("ReviewerAssigned", {}, set()),
        ("SomethingOfTheFuture", {}, set()),
    ],
)
def test_each_event_has_its_letters(kind: str, fact: dict[str, object], expected: set[tuple[str, str]]) -> None:
    assert letters(event(kind, fact), watch()) == expected


@pytest.mark.parametrize(("owner", "told"), [("employer", BOTH), ("staff", {"staff"})])
def test_an_extension_is_told_to_whoever_owes_the_deadline(owner: str, told: set[str]) -> None:
    extended = event("DeadlineExtended", {"deadline": "audit_submission"})

    assert letters(extended, watch(deadline(owner=owner))) == {("deadline_extended", who) for who in told}


def test_old_news_is_skipped_and_says_so() -> None:
    old = event("NoticeFiled", {}, at=AT)
    found = letters_for(old, watch(), RULES, AT + timedelta(days=61))

    assert all(
        one.reason == "Old news: it was read 61 days after it happened, and letters go out within 60." for one in found
    )
    assert letters(old, watch(), timedelta(days=60))


def test_the_same_event_read_twice_makes_the_same_decisions() -> None:
    first, again = (letters_for(event("NoticeFiled"), watch(), RULES, AT) for _ in range(2))

    assert [one.reminder_id for one in first] == [one.reminder_id for one in again]
    assert len({one.reminder_id for one in first}) == len(first)
