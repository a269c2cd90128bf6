"""An amended notice: a later start keeps the filing date; an earlier one or another scope counts as filed anew."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.values import Site
from workflow.domain.examples import (
    ANNA,
    HARBOUR,
    START,
    amend_notice,
    file_notice,
    notice_filed,
    place_hold,
    record_standing,
    sms_developed,
)
from workflow.specification import POLICIES, TODAY, Given, days_later, given, id_of, on, under

ANNEX = Site(name="Annex", city="Sooke")
FAR = date(2027, 1, 15)
far_ahead = given(sms_developed, file_notice(FAR), c.AcceptNotice(), days_later(10))
"""Filed on 22 November for 15 January and accepted; it is 2 December."""


def amended(wish: c.AmendNotice, *, restarted: bool, filed_on: date) -> e.NoticeAmended:
    return e.NoticeAmended(
        audit_kind="certification",
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        sites=wish.sites,
        scope=wish.scope,
        filed_on=filed_on,
        auditor_id=id_of(ANNA),
        tool_version="secor-2026",
        policy_version="2026-01-01",
        lead_days=14,
        lead_restarted=restarted,
    )


def test_a_later_start_keeps_the_filing_date_and_the_answer() -> None:
    later = amend_notice(date(2027, 1, 20))
    when = far_ahead.when(later)
    when.then(
        amended(later, restarted=False, filed_on=TODAY),
        state="NoticeFiled",
        deadlines={
            "audit_start": "2027-01-20",
            "audit_submission": "2027-03-08",
            "idle": "2027-06-02",
            "student_audit": "2027-11-22",
        },
    )
    assert when.case.notice
    assert when.case.notice.accepted


def test_a_later_start_needs_no_new_two_weeks() -> None:
    last_day = given(notice_filed, on(START - timedelta(days=1)))
    assert last_day.when(amend_notice(START + timedelta(days=1))).case.state == "NoticeFiled"


def test_an_unanswered_notice_amended_to_a_later_start_keeps_the_day_its_answer_is_due() -> None:
    when = given(notice_filed, days_later(1)).when(amend_notice(START + timedelta(days=5)))
    assert str(when.deadline("notice_answer").due_on) == "2026-11-27"


RESTARTS = pytest.mark.parametrize(
    "wish",
    [
        amend_notice(FAR - timedelta(days=1)),
        amend_notice(FAR, scope="kitchen only"),
        amend_notice(FAR, sites=(HARBOUR, ANNEX)),
        amend_notice(FAR, sites=(ANNEX,)),
        amend_notice(FAR + timedelta(days=9), scope="kitchen only"),
    ],
    ids=["earlier start", "scope", "one site more", "another site", "later start and scope"],
)


@RESTARTS
def test_an_earlier_start_or_another_scope_is_filed_anew_and_answered_anew(wish: c.AmendNotice) -> None:
    when = far_ahead.when(wish)
    when.then(
        amended(wish, restarted=True, filed_on=date(2026, 12, 2)),
        state="NoticeFiled",
        deadlines={
            "notice_answer": "2026-12-09",
            "audit_start": str(wish.starts_on),
            "audit_submission": str(wish.ends_on + timedelta(days=45)),
            "idle": "2027-06-02",
            "student_audit": "2027-11-22",
        },
    )
    assert when.case.notice
    assert not when.case.notice.accepted
    assert when.granted().when(c.AcceptNotice()).case.notice


@RESTARTS
def test_what_is_filed_anew_needs_its_two_weeks_again(wish: c.AmendNotice) -> None:
    late = given(far_ahead, on(wish.starts_on - timedelta(days=13)))
    if late.today >= FAR:
        late = given(far_ahead, on(FAR - timedelta(days=1)))
    earliest = late.today + timedelta(days=14)
    if wish.starts_on < earliest:
        late.when(wish).refused("notice_too_late", str(earliest), at="/starts_on")
    else:
        assert late.when(wish).case.state == "NoticeFiled"


def test_the_order_of_the_sites_is_no_other_scope() -> None:
    both = given(sms_developed, file_notice(FAR, sites=(HARBOUR, ANNEX)), c.AcceptNotice())
    case = both.when(amend_notice(FAR, sites=(ANNEX, HARBOUR))).case
    assert case.notice
    assert case.notice.accepted


@pytest.mark.parametrize("after", [0, 1])
def test_a_notice_is_not_amended_once_its_audit_began(after: int) -> None:
    given(notice_filed, on(START + timedelta(days=after))).when(amend_notice(START + timedelta(days=30))).refused(
        "audit_already_begun", "2026-12-06", "cancel the notice and file another"
    )


def test_an_amended_notice_holds_to_all_that_a_notice_holds_to() -> None:
    blocked = given(notice_filed, place_hold(), record_standing(good=False), on(START))
    blocked.when(amend_notice(date(2026, 12, 5), date(2026, 12, 1))).refused_by(
        "audit_already_begun", "notice_too_late", "audit_dates_wrong", "case_on_hold", "standing_lost"
    )
    given(notice_filed).when(amend_notice(date(2027, 11, 23))).refused(
        "outside_student_audit_window", "2027-11-22", at="/starts_on"
    )


def _stricter_from(day: date) -> Policies:
    """Three weeks' notice from this day on."""
    now = POLICIES.on(TODAY)
    lead = replace(now.numbers.notice_lead_days, value=21)
    return Policies((now, replace(now, effective_from=day, numbers=replace(now.numbers, notice_lead_days=lead))))


@pytest.fixture
def stricter_since() -> Given:
    return given(sms_developed, under(_stricter_from(date(2026, 12, 1))), file_notice(), on(date(2026, 12, 2)))


def test_a_stricter_policy_does_not_reach_a_notice_that_keeps_its_filing_date(stricter_since: Given) -> None:
    when = stricter_since.when(amend_notice(START + timedelta(days=1)))
    fact = when.granted().events[-1].fact
    assert isinstance(fact, e.NoticeAmended)
    assert (fact.policy_version, fact.lead_days, fact.filed_on) == ("2026-01-01", 14, TODAY)


def test_a_notice_that_counts_as_filed_anew_is_under_the_new_policy(stricter_since: Given) -> None:
    stricter_since.when(amend_notice(date(2026, 12, 22), scope="kitchen only")).refused(
        "notice_too_late", "2026-12-23", "21 days before", at="/starts_on"
    )
    fact = stricter_since.when(amend_notice(date(2026, 12, 23), scope="kitchen only")).granted().events[-1].fact
    assert isinstance(fact, e.NoticeAmended)
    assert (fact.policy_version, fact.lead_days) == ("2026-12-01", 21)
