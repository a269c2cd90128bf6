"""The rounds of a case's audits: what was submitted each time, what became of it, and what changed since the last."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from secor_workflow.domain import events as e
from secor_workflow.domain.case import AuditNote
from secor_workflow.domain.values import PinnedDocument, Score, Total

Outcome = Literal["returned", "rejected", "passed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewResult:
    """How the review was decided: by these scores, which may be the reviewer's own."""

    scorecard: tuple[Score, ...]
    overall: Total
    failed_elements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChanged:
    """An element's points, before and after; nothing where it was not scored."""

    code: str
    before: Score | None
    after: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReplaced:
    """One document of a kind that gave way to another."""

    kind: str
    before: PinnedDocument
    after: PinnedDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundChanges:
    """What is other than in the submission before, which may have been of an earlier attempt."""

    since_attempt: int
    since_round: int
    documents_added: tuple[PinnedDocument, ...]
    documents_removed: tuple[PinnedDocument, ...]
    documents_replaced: tuple[DocumentReplaced, ...]
    scores_changed: tuple[ScoreChanged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One submission. A new notice begins a new attempt; each return within it a new round."""

    attempt: int
    version: int
    submission: e.AuditSubmitted
    submitted_by: str
    recorded_at: datetime
    changes: RoundChanges | None = None
    outcome: Outcome | None = None
    outcome_on: date | None = None
    notes: tuple[AuditNote, ...] = ()
    reason_id: UUID | None = None
    decision: ReviewResult | None = None


def rounds(events: Iterable[e.Event]) -> tuple[Round, ...]:
    """Every submission that a case's events tell of, oldest first."""
    told: list[Round] = []
    for event in events:
        fact = event.fact
        if isinstance(fact, e.AuditSubmitted):
            if isinstance(fact, e.AuditResubmitted):
                told[-1] = _answered(told[-1], fact)
            told.append(_round(told[-1] if told else None, event, fact))
        elif told:
            told[-1] = _concluded(told[-1], event)
    return tuple(told)


def _round(last: Round | None, event: e.Event, fact: e.AuditSubmitted) -> Round:
    attempts = last.attempt if last else 0
    return Round(
        attempt=attempts if isinstance(fact, e.AuditResubmitted) else attempts + 1,
        version=event.version,
        submission=fact,
        submitted_by=event.actor,
        recorded_at=event.recorded_at,
        changes=_changes(last, fact) if last else None,
    )


def _concluded(last: Round, event: e.Event) -> Round:
    """The round after one more event: most are not about it."""
    match event.fact:
        case e.AuditReturned(notes=notes):
            given = tuple(AuditNote(note_id=note.note_id, element=note.element) for note in notes)
            return replace(last, outcome="returned", outcome_on=event.effective_on, notes=given)
        case e.AuditRejected(reason_id=reason_id):
            return replace(last, outcome="rejected", outcome_on=event.effective_on, reason_id=reason_id)
        case e.QADecided() as fact:
            return replace(
                last,
                outcome="passed" if isinstance(fact, e.QAPassed) else "failed",
                outcome_on=event.effective_on,
                decision=ReviewResult(
                    scorecard=fact.scorecard, overall=fact.overall, failed_elements=fact.failed_elements
                ),
            )
        case _:
            return last


def _answered(last: Round, fact: e.AuditResubmitted) -> Round:
    """The round whose notes a resubmission answers."""
    answers = {answer.note_id: answer.answer_id for answer in fact.answers}
    notes = tuple(replace(note, answer_id=answers.get(note.note_id, note.answer_id)) for note in last.notes)
    return replace(last, notes=notes)


def _changes(last: Round, fact: e.AuditSubmitted) -> RoundChanges:
    before, after = last.submission.documents, fact.documents
    gone = [document for document in before if not any(_same(document, other) for other in after)]
    come = [document for document in after if not any(_same(document, other) for other in before)]
    replaced = _replacements(gone, come)
    return RoundChanges(
        since_attempt=last.attempt,
        since_round=last.submission.round,
        documents_added=tuple(document for document in come if document not in [one.after for one in replaced]),
        documents_removed=tuple(document for document in gone if document not in [one.before for one in replaced]),
        documents_replaced=replaced,
        scores_changed=_score_changes(last.submission.scorecard, fact.scorecard),
    )


def _same(one: PinnedDocument, other: PinnedDocument) -> bool:
    """The same bytes as the same kind; of a document without a digest its id is all that is known."""
    same_bytes = one.sha256 is not None and one.sha256 == other.sha256
    return one.kind == other.kind and (same_bytes or one.document_id == other.document_id)


def _replacements(gone: list[PinnedDocument], come: list[PinnedDocument]) -> tuple[DocumentReplaced, ...]:
    """Where just one of a kind went and just one came; of several nobody can say which replaced which."""
    kinds = dict.fromkeys(document.kind for document in gone)
    pairs = [([g for g in gone if g.kind == kind], [c for c in come if c.kind == kind]) for kind in kinds]
    return tuple(
        DocumentReplaced(kind=went[0].kind, before=went[0], after=came[0])
        for went, came in pairs
        if len(went) == len(came) == 1
    )


def _score_changes(before: tuple[Score, ...], after: tuple[Score, ...]) -> tuple[ScoreChanged, ...]:
    old, new = {score.code: score for score in before}, {score.code: score for score in after}
    return tuple(
        ScoreChanged(code=code, before=old.get(code), after=new.get(code))
        for code in dict.fromkeys((*old, *new))
        if old.get(code) != new.get(code)
    )
