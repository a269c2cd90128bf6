"""The quality assurance review: by the assigned reviewer, in at most three returns, in exact integers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Role
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.values import Total
from workflow.domain.examples import (
    ANNA,
    PASSING,
    SUBMITTED,
    answer,
    assign_reviewer,
    audit_returned,
    audit_submitted,
    decide_qa,
    file_notice,
    notice_filed,
    reject_audit,
    replace_champion,
    resubmit_audit,
    return_audit,
    scores,
    sms_developed,
    submit_audit,
    under_review,
)
from workflow.specification import POLICIES, TODAY, Given, as_, as_whoever_may, days_later, given, id_of, on, under

REVIEWING = {"qa_decision": "2027-01-07", "idle": "2027-06-10"}
BY_THE_REVIEWER = pytest.mark.parametrize(
    "wish", [return_audit(), reject_audit(), decide_qa()], ids=["return", "reject", "decide"]
)


def test_a_reviewer_is_assigned() -> None:
    audit_submitted.when(assign_reviewer()).then(
        e.ReviewerAssigned(reviewer="reviewer-1"), state="AuditSubmitted", deadlines=REVIEWING
    )


def test_another_reviewer_takes_over() -> None:
    taken_over = given(under_review, assign_reviewer("reviewer-2"))
    taken_over.when(decide_qa()).refused("not_the_assigned_reviewer", "reviewer-2")
    assert given(taken_over, as_(Role.QA_REVIEWER, "reviewer-2")).when(decide_qa()).case.qa


def test_a_reviewer_has_a_reviewer_s_key() -> None:
    audit_submitted.when(assign_reviewer("nobody")).refused("not_a_reviewer", "qa_reviewer", "nobody", at="/reviewer")


def test_everything_that_is_wrong_with_a_reviewer_is_said_at_once() -> None:
    champion = str(id_of(ANNA))
    by_the_champion = given(notice_filed, on(SUBMITTED), as_(Role.STAFF, champion), submit_audit())
    nobodys = replace(by_the_champion, without_the_role=frozenset({champion}))
    nobodys.when(assign_reviewer(champion)).refused_by("not_a_reviewer", "reviewer_is_champion", "reviewer_submitted")


@BY_THE_REVIEWER
def test_without_an_assigned_reviewer_nobody_reviews(wish: Wish) -> None:
    audit_submitted.when(wish).refused("not_the_assigned_reviewer", "No reviewer is assigned yet; staff assign one")


@BY_THE_REVIEWER
def test_another_reviewer_does_not_review(wish: Wish) -> None:
    when = given(under_review, as_(Role.QA_REVIEWER, "reviewer-2")).when(wish)
    when.refused("not_the_assigned_reviewer", "reviewer-1")
    assert when.refusals[0].forbidden


def test_a_note_names_an_element_of_the_audit_tool() -> None:
    when = given(under_review).when(return_audit("Say more.", element="inspection"))
    when.refused("unknown_element", "There is no element inspection", "inspections", at="/notes/0/element")


def test_an_audit_is_returned_for_corrections() -> None:
    when = given(under_review, days_later(4)).when(return_audit("Say more.", "Which year?", element="hazards"))
    when.then(
        e.AuditReturned(
            round=1,
            notes=(
                e.ReviewNote(note_id=id_of("Say more."), element="hazards"),
                e.ReviewNote(note_id=id_of("Which year?"), element="hazards"),
            ),
        ),
        state="AuditSubmitted",
        deadlines={"corrections": "2027-01-04", "idle": "2027-06-14"},
    ).explains(
        "corrections",
        "audit returned 2026-12-14",
        "+ 21 calendar days",
        "= 2027-01-04",
        anchor="returned_on",
        owner="employer",
    )


def test_an_audit_with_the_employer_is_neither_returned_nor_decided() -> None:
    for wish in (return_audit("More?"), decide_qa()):
        audit_returned.when(wish).refused("already_returned", "with the employer for corrections")


def _returned(times: int) -> Given:
    case = under_review
    for n in range(times):
        case = given(case, return_audit(f"note {n}"), resubmit_audit(answer(f"note {n}", f"answer {n}")))
    return case


@pytest.mark.parametrize("times", [0, 1, 2])
def test_an_audit_is_returned_up_to_three_times(times: int) -> None:
    assert _returned(times).when(return_audit("One more.")).case.audit


def test_a_fourth_time_it_is_decided_or_rejected() -> None:
    fourth = _returned(3)
    fourth.when(return_audit("One more.")).refused("no_rounds_left", "3 times", "decide or reject it")
    assert fourth.when(decide_qa()).case.state == "QAPassed"
    assert fourth.when(reject_audit()).case.state == "SMSDeveloped"


def test_an_unreadable_audit_is_rejected_which_is_no_fail() -> None:
    when = given(under_review, days_later(1)).when(reject_audit())
    when.then(
        e.AuditRejected(reason_id=id_of("The pages are unreadable.")),
        state="SMSDeveloped",
        deadlines={"student_audit": "2027-11-22", "idle": "2027-06-11"},
    ).explains("student_audit", "champion qualified until 2027-11-22", anchor="qualified_until", owner="employer")
    assert (when.case.audit, when.case.notice, when.case.qa) == (None, None, None)


def test_an_audit_that_was_returned_can_still_be_rejected() -> None:
    assert audit_returned.when(reject_audit()).case.state == "SMSDeveloped"


def test_an_audit_passes() -> None:
    under_review.when(decide_qa()).then(
        e.QAPassed(
            reviewer="reviewer-1",
            scorecard=PASSING,
            overall=Total(earned=720, available=800),
            failed_elements=(),
            overall_pass_percent=80,
            element_pass_percent=50,
        ),
        state="QAPassed",
        deadlines={"forwarding": "2026-12-24", "idle": "2027-06-10"},
    ).explains(
        "forwarding",
        "review passed 2026-12-10",
        "+ 10 business days",
        "= 2026-12-24",
        anchor="decided_on",
        owner="staff",
    )


def test_an_audit_fails_and_its_weak_elements_are_named() -> None:
    weak = scores(100, hazards=49, training=0)
    when = under_review.when(decide_qa(weak))
    when.then(
        e.QAFailed(
            reviewer="reviewer-1",
            scorecard=weak,
            overall=Total(earned=649, available=800),
            failed_elements=("hazards", "training"),
            overall_pass_percent=80,
            element_pass_percent=50,
        ),
        state="QAFailed",
        deadlines={"new_notice": "2027-06-08", "idle": "2027-06-10", "student_audit": "2027-11-22"},
    ).explains(
        "new_notice",
        "review failed 2026-12-10",
        "+ 180 calendar days",
        "= 2027-06-08",
        anchor="decided_on",
        owner="employer",
    )
    assert when.case.qa
    assert (when.case.qa.result, when.case.qa.decided_on) == ("failed", SUBMITTED)


def test_the_reviewer_s_scores_count_before_the_submitted_ones() -> None:
    assert under_review.when(decide_qa(scores(10))).case.state == "QAFailed"
    weak = given(notice_filed, on(SUBMITTED), submit_audit(scorecard=scores(10)), assign_reviewer())
    assert weak.when(decide_qa()).case.state == "QAFailed"
    assert weak.when(decide_qa(scores(90))).case.state == "QAPassed"


def test_the_reviewer_s_scorecard_is_complete_too() -> None:
    under_review.when(decide_qa(PASSING[1:])).refused("scorecard_wrong", "Not scored: management", at="/scorecard")


def test_everything_that_is_wrong_with_a_decision_is_said_at_once() -> None:
    submitter = given(notice_filed, on(SUBMITTED), as_(Role.STAFF, "reviewer-2"), submit_audit())
    returned = given(submitter, as_whoever_may, assign_reviewer(), return_audit())
    given(returned, as_(Role.QA_REVIEWER, "reviewer-2")).when(decide_qa(PASSING[1:])).refused_by(
        "not_the_assigned_reviewer", "reviewer_submitted", "already_returned", "scorecard_wrong"
    )


def test_a_review_is_held_to_the_marks_of_the_policy_its_notice_pinned() -> None:
    now = POLICIES.on(TODAY)
    marks = replace(now.numbers, overall_pass_percent=replace(now.numbers.overall_pass_percent, value=95))
    stricter = Policies((now, replace(now, effective_from=TODAY + timedelta(days=1), numbers=marks)))
    case = given(sms_developed, under(stricter), file_notice(), on(SUBMITTED), submit_audit(), assign_reviewer())
    fact = case.when(decide_qa()).granted().events[-1].fact
    assert isinstance(fact, e.QAPassed)
    assert fact.overall_pass_percent == 80


def test_a_review_after_the_champion_s_year_fails_into_a_year_that_is_over() -> None:
    late = given(under_review, on(date(2028, 1, 10))).when(decide_qa(scores(10)))
    assert late.deadline("student_audit").due_on == date(2027, 11, 22)


def test_a_successor_who_is_not_trained_has_no_student_audit_due() -> None:
    case = given(under_review, replace_champion(), decide_qa(scores(10))).case
    assert {deadline.name for deadline in case.deadlines} == {"new_notice", "training", "idle"}
