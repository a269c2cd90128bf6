"""The rounds of an audit: every submission with its outcome, and what changed since the one before."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from secor_workflow.domain.rounds import DocumentReplaced, Round, RoundChanges, ScoreChanged, rounds
from secor_workflow.domain.values import Document, PinnedDocument, Score
from workflow.domain.examples import (
    END,
    PAPERS,
    PASSING,
    PINNED,
    START,
    SUBMITTED,
    add_document,
    answer,
    assign_reviewer,
    audit_returned,
    audit_submitted,
    close,
    decide_qa,
    digest_of,
    file_notice,
    notice_filed,
    reject_audit,
    scores,
    submit_audit,
    under_review,
)
from workflow.domain.lives import live
from workflow.specification import Given, as_, days_later, given, id_of, on

NEW_CARD = Document(kind="scorecard", document_id=id_of("scorecard 2"))
"""The scorecard handed in anew."""


def resubmit(
    scorecard: tuple[Score, ...] = PASSING, documents: tuple[Document, ...] = PAPERS, note: str = "Say more."
) -> c.ResubmitAudit:
    return c.ResubmitAudit(
        started_on=START, ended_on=END, scorecard=scorecard, documents=documents, answers=(answer(note, f"On {note}"),)
    )


def told(case: Given) -> tuple[Round, ...]:
    return rounds(case.events)


def places(case: Given) -> list[tuple[int, int, str | None]]:
    return [(one.attempt, one.submission.round, one.outcome) for one in told(case)]


def last_changes(case: Given) -> RoundChanges:
    changes = told(case)[-1].changes
    assert changes
    return changes


def corrected() -> Given:
    """Returned, and resubmitted with another scorecard and better scores for one element."""
    anew = given(audit_returned, days_later(2), add_document("scorecard", "scorecard 2"))
    return given(anew, resubmit(scores(90, hazards=95), (PAPERS[0], NEW_CARD)))


def test_before_an_audit_there_are_no_rounds() -> None:
    assert told(notice_filed) == ()


def test_the_first_round_is_what_was_submitted() -> None:
    (first,) = told(audit_submitted)

    assert (first.attempt, first.submission.round, first.version) == (1, 1, len(audit_submitted.events))
    assert (first.submission.documents, first.submission.scorecard) == (PINNED, PASSING)
    assert (first.submitted_by, first.recorded_at.date()) == ("employer", SUBMITTED)
    assert (first.changes, first.outcome, first.notes) == (None, None, ())


def test_a_round_that_was_returned_has_its_notes_and_later_their_answers() -> None:
    (returned,) = told(audit_returned)
    assert (returned.outcome, returned.outcome_on) == ("returned", SUBMITTED)
    assert [(note.note_id, note.answered) for note in returned.notes] == [(id_of("Say more."), False)]

    first, second = told(corrected())
    assert [note.answer_id for note in first.notes] == [id_of("On Say more.")]
    assert (second.outcome, second.notes) == (None, ())
    assert second.submission.submitted_on == SUBMITTED + timedelta(days=2)


def test_a_document_handed_in_anew_replaces_the_one_of_its_kind() -> None:
    changes = last_changes(corrected())

    assert (changes.since_attempt, changes.since_round) == (1, 1)
    (replaced,) = changes.documents_replaced
    assert (replaced.kind, replaced.before, replaced.after.document_id) == (
        "scorecard", PINNED[1], NEW_CARD.document_id,
    )  # fmt: skip
    assert (changes.documents_added, changes.documents_removed) == ((), ())


def test_only_the_scores_that_changed_are_told_from_and_to() -> None:
    assert last_changes(corrected()).scores_changed == (
        ScoreChanged(
            code="hazards",
            before=Score(code="hazards", earned=90, available=100),
            after=Score(code="hazards", earned=95, available=100),
        ),
    )


def test_what_did_not_change_is_not_told() -> None:
    changes = last_changes(given(audit_returned, resubmit()))

    assert changes == RoundChanges(
        since_attempt=1,
        since_round=1,
        documents_added=(),
        documents_removed=(),
        documents_replaced=(),
        scores_changed=(),
    )


def test_each_attempt_counts_its_own_rounds() -> None:
    rejected = given(corrected(), reject_audit())
    again = given(rejected, file_notice(date(2027, 1, 10)), on(date(2027, 1, 20)))
    failed = given(again, _submitted_in_january(), assign_reviewer(), decide_qa(scores(10)))
    third = given(failed, file_notice(date(2027, 2, 10)), on(date(2027, 2, 20)))
    passed = given(third, _submitted_in_february(), assign_reviewer(), decide_qa())

    assert places(passed) == [
        (1, 1, "returned"),
        (1, 2, "rejected"),
        (2, 1, "failed"),
        (3, 1, "passed"),
    ]
    assert [(r.changes.since_attempt, r.changes.since_round) for r in told(passed) if r.changes] == [
        (1, 1), (1, 2), (2, 1),
    ]  # fmt: skip


def _submitted_in_january() -> c.SubmitAudit:
    return submit_audit(date(2027, 1, 10), date(2027, 1, 12))


def _submitted_in_february() -> c.SubmitAudit:
    return submit_audit(date(2027, 2, 10), date(2027, 2, 12))


def test_a_rejection_says_why_and_a_decision_by_which_scores() -> None:
    (rejected,) = told(given(under_review, days_later(1), reject_audit()))
    assert (rejected.reason_id, rejected.outcome_on) == (
        id_of("The pages are unreadable."), SUBMITTED + timedelta(days=1),
    )  # fmt: skip

    (failed,) = told(given(under_review, decide_qa(scores(90, hazards=49))))
    assert failed.decision
    assert (failed.decision.failed_elements, failed.decision.overall.earned) == (("hazards",), 679)
    assert failed.submission.scorecard == PASSING
    assert failed.reason_id is None


def test_what_comes_after_an_outcome_changes_it_no_more() -> None:
    passed = given(under_review, decide_qa())

    assert told(given(passed, days_later(3), close())) == told(passed)


def test_a_case_that_ends_under_review_leaves_its_round_without_an_outcome() -> None:
    assert places(given(under_review, close())) == [(1, 1, None)]


def test_who_submitted_each_round_is_told() -> None:
    by_staff = given(audit_returned, as_(Role.STAFF, "clerk-2"), resubmit())

    assert [one.submitted_by for one in told(by_staff)] == ["employer", "clerk-2"]


def pin(name: str, kind: str = "supporting", words: str | None = None) -> PinnedDocument:
    """A document of an event, with the digest of its words if they are known."""
    return PinnedDocument(kind=kind, document_id=id_of(name), sha256=digest_of(words) if words else None)


SUBMISSIONS = [
    (event, event.fact)
    for event in given(audit_returned, resubmit()).events
    if isinstance(event.fact, e.AuditSubmitted)
]


def between(before: tuple[PinnedDocument, ...], after: tuple[PinnedDocument, ...]) -> RoundChanges:
    """What changed when an audit with the one was resubmitted with the other."""
    events = [
        event._replace(fact=replace(fact, documents=pinned))
        for (event, fact), pinned in zip(SUBMISSIONS, (before, after), strict=True)
    ]
    changes = rounds(events)[-1].changes
    assert changes
    return changes


MAP, PLAN, LIST = pin("map", words="map"), pin("plan", words="plan"), pin("list", words="list")


def test_a_document_more_is_added_and_one_less_is_removed() -> None:
    assert between((MAP,), (MAP, PLAN)).documents_added == (PLAN,)
    assert between((MAP, PLAN), (PLAN,)).documents_removed == (MAP,)


def test_one_of_a_kind_for_another_is_replaced_but_of_several_nobody_can_say() -> None:
    assert between((MAP, LIST), (PLAN, LIST)).documents_replaced == (
        DocumentReplaced(kind="supporting", before=MAP, after=PLAN),
    )
    several = between((MAP,), (PLAN, LIST))
    assert (several.documents_added, several.documents_removed) == ((PLAN, LIST), (MAP,))
    assert several.documents_replaced == ()


def test_another_kind_is_another_document() -> None:
    changes = between((MAP,), (pin("map", "action_plan", "map"),))

    assert len(changes.documents_added) == len(changes.documents_removed) == 1


def test_the_same_bytes_handed_in_anew_are_no_change() -> None:
    assert between((MAP,), (pin("another id", words="map"),)) == between((MAP,), (MAP,))


def test_a_document_of_before_files_were_kept_is_known_by_its_id() -> None:
    assert between((pin("map"),), (MAP,)) == between((MAP,), (MAP,))
    assert between((pin("map"),), (pin("plan"),)).documents_replaced


documents = st.lists(
    st.builds(pin, st.sampled_from("abcde"), st.sampled_from(["x", "y"]), st.sampled_from([None, "1", "2", "3"])),
    max_size=5,
    unique_by=lambda document: document.document_id,
).map(tuple)


@for_all(documents, documents)
def test_whatever_changes_is_told_once(before: tuple[PinnedDocument, ...], after: tuple[PinnedDocument, ...]) -> None:
    changes = between(before, after)
    gone = [*changes.documents_removed, *(replaced.before for replaced in changes.documents_replaced)]
    come = [*changes.documents_added, *(replaced.after for replaced in changes.documents_replaced)]

    assert len({*gone}) == len(gone)
    assert len({*come}) == len(come)
    assert {*gone} <= {*before}
    assert {*come} <= {*after}
    assert not {*before} & {*after} & {*gone, *come}


@settings(max_examples=30)
@for_all(st.data())
def test_in_every_life_the_last_round_is_the_audit_of_the_case(data: st.DataObject) -> None:
    last = live(data)[-1]
    after = last.before if last.refusals else last.granted()
    found = told(after)

    assert len(found) == sum(isinstance(event.fact, e.AuditSubmitted) for event in after.events)
    if (audit := after.case.audit) is not None:
        assert (found[-1].submission.round, found[-1].submission.documents) == (audit.round, audit.documents)
        assert (found[-1].outcome == "returned") == audit.returned
