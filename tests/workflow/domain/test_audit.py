"""The audit is submitted after it ended, complete; late is flagged and never refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.values import Document, Score
from workflow.domain.examples import (
    ANNA,
    ELEMENTS,
    END,
    PAPERS,
    PASSING,
    PINNED,
    START,
    SUBMITTED,
    add_document,
    answer,
    audit_returned,
    cancel_notice,
    file_notice,
    notice_filed,
    papers,
    resubmit_audit,
    return_audit,
    scores,
    sms_developed,
    submit_audit,
    under_review,
)
from workflow.specification import POLICIES, TODAY, as_, days_later, given, id_of, on, under

over = given(notice_filed, on(SUBMITTED))
"""The audit took place; nothing was submitted yet."""


def submitted(on: date = SUBMITTED, *, late: bool = False) -> e.AuditSubmitted:
    return e.AuditSubmitted(
        round=1,
        started_on=START,
        ended_on=END,
        submitted_on=on,
        scorecard=PASSING,
        documents=PINNED,
        auditor_id=id_of(ANNA),
        tool_version="secor-2026",
        late=late,
    )


def test_the_audit_is_submitted() -> None:
    over.when(submit_audit()).then(
        submitted(), state="AuditSubmitted", deadlines={"qa_decision": "2027-01-07", "idle": "2027-06-10"}
    ).explains(
        "qa_decision",
        "audit submitted 2026-12-10",
        "+ 28 calendar days",
        "= 2027-01-07",
        anchor="submitted_on",
        owner="staff",
    )


@pytest.mark.parametrize(("day", "late"), [(date(2027, 1, 22), False), (date(2027, 1, 23), True)])
def test_an_audit_is_late_from_the_day_after_its_deadline(day: date, late: bool) -> None:  # noqa: FBT001 (a column of the table)
    fact = given(notice_filed, on(day)).when(submit_audit()).granted().events[-1].fact
    assert fact == submitted(day, late=late)


def test_an_audit_may_be_submitted_on_the_day_it_ends() -> None:
    assert given(notice_filed, on(END)).when(submit_audit()).case.state == "AuditSubmitted"


def test_an_audit_does_not_begin_before_its_notice_says() -> None:
    over.when(submit_audit(started_on=date(2026, 12, 5))).refused(
        "audit_period_wrong", "names 2026-12-06 as the start", at="/started_on"
    )


def test_an_audit_does_not_end_before_it_starts() -> None:
    over.when(submit_audit(started_on=date(2026, 12, 9))).refused(
        "audit_period_wrong", "before it started on 2026-12-09", at="/ended_on"
    )


def test_an_audit_that_goes_on_is_not_submitted() -> None:
    over.when(submit_audit(ended_on=date(2026, 12, 11))).refused(
        "audit_period_wrong", "submitted after it ended", "today is 2026-12-10", at="/ended_on"
    )


def test_every_element_is_scored() -> None:
    over.when(submit_audit(scorecard=PASSING[:-2])).refused(
        "scorecard_wrong", "Not scored: administration, representation", at="/scorecard"
    )


def test_an_element_is_scored_once() -> None:
    over.when(submit_audit(scorecard=(*PASSING, PASSING[0]))).refused(
        "scorecard_wrong", "management stands here twice", at="/scorecard/8/code"
    )


def test_a_foreign_element_is_refused_with_those_there_are() -> None:
    coffee = Score(code="coffee", earned=1, available=1)
    over.when(submit_audit(scorecard=(coffee, *PASSING))).refused(
        "scorecard_wrong", "no element coffee", "representation", at="/scorecard/0/code"
    )


def test_nobody_earns_more_than_there_is() -> None:
    over.when(submit_audit(scorecard=scores(hazards=101))).refused(
        "scorecard_wrong", "hazards: 101 of 100", at="/scorecard/1/earned"
    )
    assert over.when(submit_audit(scorecard=scores(hazards=100))).case.audit


def test_an_element_that_does_not_apply_has_no_points() -> None:
    card = tuple(replace(score, earned=0, available=0) if score.code == "hazards" else score for score in PASSING)
    assert over.when(submit_audit(scorecard=card)).case.audit


def test_a_scorecard_without_any_point_is_none() -> None:
    over.when(submit_audit(scorecard=scores(0, 0))).refused(
        "scorecard_wrong", "at least one point available", at="/scorecard"
    )


@pytest.mark.parametrize("missing", ["audit_tool", "scorecard"])
def test_a_required_document_is_missed_by_its_name(missing: str) -> None:
    rest = tuple(document for document in PAPERS if document.kind != missing)
    over.when(submit_audit(documents=rest)).refused("document_missing", missing, at="/documents")


def test_more_documents_than_required_are_welcome() -> None:
    kinds = ("audit_tool", "scorecard", "supporting", "code_of_ethics", "action_plan")
    more = given(over, *map(add_document, kinds[2:]))
    assert more.when(submit_audit(documents=papers(*kinds))).case.state == "AuditSubmitted"


def test_a_document_is_of_a_known_kind() -> None:
    photo = Document(kind="photo", document_id=id_of("photo"))
    when = over.when(submit_audit(documents=(*PAPERS, photo)))
    when.refused_by("unknown_document_kind", "unknown_document")
    assert "no document kind photo" in when.refusals[0].detail
    assert "audit_tool" in when.refusals[0].detail
    assert when.refusals[0].pointer == "/documents/2/kind"


def test_everything_that_is_wrong_with_an_audit_is_said_at_once() -> None:
    too_much = tuple(Score(code=code, earned=2, available=1) for code in ELEMENTS[1:])
    given(notice_filed).when(submit_audit(date(2026, 12, 1), date(2026, 11, 30), too_much, papers("photo"))).refused_by(
        "audit_period_wrong",
        "audit_period_wrong",
        "audit_period_wrong",
        *["scorecard_wrong"] * 8,
        "document_missing",
        "unknown_document_kind",
        "unknown_document",
    )


def test_an_audit_is_held_to_the_elements_of_the_tool_its_notice_pinned() -> None:
    now = POLICIES.on(TODAY)
    shorter = replace(now, effective_from=date(2026, 12, 1), elements=now.elements[:4])
    filed_before = given(sms_developed, under(Policies((now, shorter))), file_notice(), on(SUBMITTED))
    filed_before.when(submit_audit(scorecard=PASSING[:4])).refused(
        "scorecard_wrong", "Not scored: investigation", at="/scorecard"
    )
    assert filed_before.when(submit_audit()).case.audit
    anew = given(filed_before, cancel_notice(), file_notice(date(2026, 12, 24)), on(date(2026, 12, 26)))
    short = submit_audit(date(2026, 12, 24), date(2026, 12, 26), PASSING[:4])
    assert anew.when(short).case.audit


def test_the_corrected_audit_is_submitted_with_an_answer_to_every_note() -> None:
    case = given(under_review, return_audit("Say more.", "Which year?"), days_later(5))
    when = case.when(resubmit_audit(answer("Which year?", "2026."), answer("Say more.", "Said.")))
    when.then(
        e.AuditResubmitted(
            round=2,
            started_on=START,
            ended_on=END,
            submitted_on=date(2026, 12, 15),
            scorecard=PASSING,
            documents=PINNED,
            auditor_id=id_of(ANNA),
            tool_version="secor-2026",
            late=False,
            answers=(
                e.NoteAnswered(note_id=id_of("Which year?"), answer_id=id_of("2026.")),
                e.NoteAnswered(note_id=id_of("Say more."), answer_id=id_of("Said.")),
            ),
        ),
        state="AuditSubmitted",
        deadlines={"qa_decision": "2027-01-12", "idle": "2027-06-15"},
    )
    assert when.case.audit
    assert when.case.audit.reviewer == "reviewer-1"
    assert [note.answer_id for note in when.case.audit.notes] == [id_of("Said."), id_of("2026.")]
    assert not when.case.audit.returned


@pytest.mark.parametrize(("days", "late"), [(21, False), (22, True)])
def test_corrections_are_late_from_the_day_after_their_deadline(days: int, late: bool) -> None:  # noqa: FBT001 (a column of the table)
    case = given(audit_returned, days_later(days)).when(resubmit_audit()).case
    assert case.audit
    assert case.audit.late is late


def test_who_submitted_any_round_counts_as_submitter() -> None:
    case = given(audit_returned, as_(Role.STAFF, "helper"), resubmit_audit()).case
    assert {one.who for one in case.involved if one.part == "submitter"} == {"employer", "helper"}


def test_an_audit_under_review_is_not_submitted_again() -> None:
    under_review.when(resubmit_audit()).refused_by("corrections_not_asked_for", "notes_not_answered")


def test_a_note_without_answer_is_named() -> None:
    given(under_review, return_audit("Say more.", "Which year?")).when(resubmit_audit()).refused(
        "notes_not_answered", str(id_of("Which year?")), "has no answer", at="/answers"
    )


def test_a_note_is_answered_once() -> None:
    audit_returned.when(resubmit_audit(answer("Say more.", "Said."), answer("Say more.", "Said twice."))).refused(
        "notes_not_answered", "answered twice", at="/answers/1/note_id"
    )


def test_an_answer_to_no_note_is_refused() -> None:
    audit_returned.when(resubmit_audit(answer("Say more.", "Said."), answer("What?", "That."))).refused(
        "notes_not_answered", "no open note", str(id_of("What?")), at="/answers/1/note_id"
    )


def test_an_answered_note_is_not_answered_again_in_the_next_round() -> None:
    again = given(audit_returned, resubmit_audit(), return_audit("Still unclear."))
    again.when(resubmit_audit(answer("Say more.", "As I said."))).refused_by("notes_not_answered", "notes_not_answered")
    assert again.when(resubmit_audit(answer("Still unclear.", "Now clear."))).case.audit


def test_the_corrected_audit_is_held_to_what_the_first_was_held_to() -> None:
    audit_returned.when(
        resubmit_audit(started_on=START - timedelta(days=1), documents=papers("audit_tool", "photo"))
    ).refused_by("audit_period_wrong", "document_missing", "unknown_document_kind", "unknown_document")
