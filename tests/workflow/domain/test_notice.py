"""The Notice of Audit Activity: filed two weeks ahead, answered once, or cancelled."""

from datetime import date, timedelta

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from workflow.domain.examples import (
    ANNA,
    HARBOUR,
    START,
    cancel_notice,
    file_notice,
    notice_filed,
    place_hold,
    qa_failed,
    record_standing,
    refuse_notice,
    replace_champion,
    sms_developed,
)
from workflow.specification import TODAY, days_later, given, id_of, on

OWED = {
    "notice_answer": "2026-11-27",
    "audit_start": "2026-12-06",
    "audit_submission": "2027-01-22",
    "idle": "2027-05-22",
    "student_audit": "2027-11-22",
}


def filed(starts_on: date = START, ends_on: date = date(2026, 12, 8), filed_on: date = TODAY) -> e.NoticeFiled:
    return e.NoticeFiled(
        audit_kind="certification",
        starts_on=starts_on,
        ends_on=ends_on,
        sites=(HARBOUR,),
        scope=None,
        filed_on=filed_on,
        auditor_id=id_of(ANNA),
        tool_version="secor-2026",
        policy_version="2026-01-01",
        lead_days=14,
    )


def test_a_notice_is_filed() -> None:
    when = given(sms_developed).when(file_notice()).then(filed(), state="NoticeFiled", deadlines=OWED)
    when.explains(
        "notice_answer",
        "notice filed 2026-11-22",
        "+ 5 business days",
        "= 2026-11-27",
        anchor="filed_on",
        owner="staff",
    )
    when.explains("audit_start", "planned start 2026-12-06", anchor="planned_start_on", owner="employer")
    when.explains(
        "audit_submission",
        "planned end 2026-12-08",
        "+ 45 calendar days",
        "= 2027-01-22",
        anchor="planned_end_on",
        owner="employer",
    )


@pytest.mark.parametrize("lead", [14, 15, 100])
def test_two_weeks_ahead_or_more_is_in_time(lead: int) -> None:
    assert given(sms_developed).when(file_notice(TODAY + timedelta(days=lead))).case.state == "NoticeFiled"


@pytest.mark.parametrize("lead", [-1, 0, 1, 13])
def test_less_than_two_weeks_ahead_is_too_late_and_the_earliest_day_is_named(lead: int) -> None:
    given(sms_developed).when(file_notice(TODAY + timedelta(days=lead))).refused(
        "notice_too_late", "2026-12-06 at the earliest", "14 days before", at="/starts_on"
    )


def test_a_notice_counts_from_the_day_it_is_filed_and_not_from_an_earlier_effective_date() -> None:
    backdated = file_notice(START).model_copy(update={"effective_on": TODAY})
    given(sms_developed, days_later(1)).when(backdated).refused("notice_too_late", "2026-12-07", at="/starts_on")


def test_a_notice_at_the_year_s_end_counts_into_the_next_year_and_past_its_holidays() -> None:
    when = given(sms_developed, on(date(2026, 12, 22))).when(file_notice(date(2027, 1, 5), date(2027, 1, 7)))
    when.then(
        filed(date(2027, 1, 5), date(2027, 1, 7), date(2026, 12, 22)),
        state="NoticeFiled",
        deadlines={
            "notice_answer": "2026-12-30",
            "audit_start": "2027-01-05",
            "audit_submission": "2027-02-21",
            "idle": "2027-06-22",
            "student_audit": "2027-11-22",
        },
    ).explains(
        "notice_answer",
        "notice filed 2026-12-22",
        "+ 5 business days (closed: 2026-12-25)",
        "= 2026-12-30",
        anchor="filed_on",
        owner="staff",
    )


@pytest.mark.parametrize("days", [0, 45])
def test_an_audit_takes_a_day_or_up_to_forty_five_more(days: int) -> None:
    assert given(sms_developed).when(file_notice(ends_on=START + timedelta(days=days))).case.notice


def test_a_longer_audit_is_refused_with_its_latest_end() -> None:
    given(sms_developed).when(file_notice(ends_on=START + timedelta(days=46))).refused(
        "audit_dates_wrong", "2027-01-20 at the latest", "45 days", at="/ends_on"
    )


def test_an_audit_does_not_end_before_it_starts() -> None:
    given(sms_developed).when(file_notice(ends_on=START - timedelta(days=1))).refused(
        "audit_dates_wrong", "before it starts on 2026-12-06", at="/ends_on"
    )


def test_the_audit_starts_in_the_champion_s_year() -> None:
    late = given(sms_developed, on(date(2027, 11, 1)))
    assert late.when(file_notice(date(2027, 11, 22))).case.state == "NoticeFiled"
    late.when(file_notice(date(2027, 11, 23))).refused(
        "outside_student_audit_window", "2027-11-22", "start by then", at="/starts_on"
    )


def test_a_hold_blocks_a_notice() -> None:
    given(sms_developed, place_hold()).when(file_notice()).refused("case_on_hold", "2026-11-22", "staff can release")
    assert given(sms_developed, place_hold(), c.ReleaseHold(), file_notice()).case.state == "NoticeFiled"


def test_lost_standing_blocks_a_notice_until_it_is_good_again() -> None:
    lost = given(sms_developed, record_standing(good=False))
    lost.when(file_notice()).refused("standing_lost", "not in good standing", "2026-11-22")
    assert given(lost, record_standing(good=True), file_notice()).case.state == "NoticeFiled"


def test_everything_that_is_wrong_with_a_notice_is_said_at_once() -> None:
    wrong = given(qa_failed, replace_champion(), place_hold(), record_standing(good=False)).when(
        file_notice(START, START - timedelta(days=1))
    )
    wrong.refused_by("notice_too_late", "audit_dates_wrong", "champion_not_trained", "case_on_hold", "standing_lost")


def test_everything_that_is_wrong_with_a_late_notice_is_said_at_once() -> None:
    given(qa_failed, on(date(2027, 11, 20))).when(file_notice(date(2027, 11, 25), date(2028, 2, 1))).refused_by(
        "notice_too_late", "audit_dates_wrong", "outside_student_audit_window"
    )


def test_after_a_failed_review_a_notice_is_filed_again_and_the_scores_stay() -> None:
    case = given(qa_failed, file_notice(date(2026, 12, 24))).case
    assert case.state == "NoticeFiled"
    assert case.qa
    assert case.qa.result == "failed"
    assert {deadline.name for deadline in case.deadlines} == set(OWED)


def test_a_notice_is_accepted() -> None:
    when = given(notice_filed, days_later(3)).when(c.AcceptNotice())
    when.then(
        e.NoticeAccepted(starts_on=START),
        state="NoticeFiled",
        deadlines={
            "audit_start": "2026-12-06",
            "audit_submission": "2027-01-22",
            "idle": "2027-05-25",
            "student_audit": "2027-11-22",
        },
    )
    assert when.case.notice
    assert when.case.notice.accepted


def test_a_notice_is_refused() -> None:
    when = given(notice_filed, days_later(3)).when(refuse_notice())
    when.then(
        e.NoticeRefused(reason_id=id_of("The kitchen is closed then.")),
        state="SMSDeveloped",
        deadlines={"idle": "2027-05-25", "student_audit": "2027-11-22"},
    )
    assert when.case.notice is None


def test_a_notice_is_answered_once() -> None:
    for answer in (c.AcceptNotice(), refuse_notice()):
        given(notice_filed, c.AcceptNotice()).when(answer).refused("notice_already_answered", "already accepted")


@pytest.mark.parametrize("past", [(), (c.AcceptNotice(),)], ids=["unanswered", "accepted"])
def test_a_notice_is_cancelled_answered_or_not(past: tuple[c.Wish, ...]) -> None:
    when = given(notice_filed, *past).when(cancel_notice())
    when.then(
        e.NoticeCancelled(reason_id=id_of("We renovate.")),
        state="SMSDeveloped",
        deadlines={"idle": "2027-05-22", "student_audit": "2027-11-22"},
    )
    assert when.case.notice is None


def test_a_cancelled_notice_is_filed_anew_with_its_own_two_weeks() -> None:
    given(notice_filed, days_later(1), cancel_notice()).when(file_notice()).refused(
        "notice_too_late", "2026-12-07", at="/starts_on"
    )
