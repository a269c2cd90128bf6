"""How each fact changes a case: events → case."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import singledispatch
from uuid import UUID

from secor_workflow.domain import events as e
from secor_workflow.domain.case import (
    QA,
    Audit,
    AuditNote,
    Case,
    CaseDocument,
    Certificate,
    Champion,
    Hold,
    Notice,
    Standing,
)
from secor_workflow.domain.involvement import involved_after


def fold(case_id: UUID, events: Iterable[e.Event]) -> Case:
    """The case as its events, oldest first, tell it."""
    case = Case(case_id=case_id)
    for event in events:
        case = evolve(case, event)
    return case


def evolve(case: Case, event: e.Event) -> Case:
    """The case after one more event. State and deadlines are the event's own: no guard, no policy is run again."""
    after = changed(case, event.fact, actor=event.actor, on=event.effective_on)
    return recorded(after.but(state=event.state, deadlines=event.deadlines), event, event.position)


def recorded(after: Case, event: e.Event, position: int) -> Case:
    """A case that an event has changed, and where and when that stands on record."""
    return after.but(
        involved=involved_after(after.involved, event, position),
        version=event.version,
        position=position,
        recorded_at=event.recorded_at,
    )


def changed(case: Case, fact: e.Fact, *, actor: str, on: date) -> Case:
    """The case after a fact, but for its state, its deadlines and who is involved."""
    return _change(fact, case, actor, on)


@singledispatch
def _change(_fact: e.Fact, case: Case, _actor: str, _on: date) -> Case:
    """Facts that change nothing but state and deadlines."""
    return case


@_change.register
def _(fact: e.EmployerRegistered, case: Case, _actor: str, on: date) -> Case:
    return case.but(employer=fact.employer, contact_id=fact.contact_id, registered_on=on)


@_change.register
def _(fact: e.EmployerUpdated, case: Case, _actor: str, _on: date) -> Case:
    return case.but(employer=fact.employer, contact_id=fact.contact_id, over_size_limit=fact.over_size_limit)


@_change.register
def _(fact: e.ChampionNamed, case: Case, _actor: str, _on: date) -> Case:
    return case.but(champion=Champion(person_id=fact.person_id, employment=fact.employment))


@_change.register
def _(fact: e.ChampionReplaced, case: Case, _actor: str, _on: date) -> Case:
    champion = Champion(person_id=fact.person_id, employment=fact.employment)
    return case.but(champion=champion, notice=None if fact.notice_voided else case.notice)


@_change.register
def _(fact: e.TrainingCompleted, case: Case, _actor: str, _on: date) -> Case:
    return _trained(case, fact.completed_on, fact.qualified_until)


@_change.register
def _(_fact: e.TrainingLapsed, case: Case, _actor: str, _on: date) -> Case:
    return _trained(case, None, None)


@_change.register
def _(fact: e.SelfAssessmentRecorded, case: Case, _actor: str, _on: date) -> Case:
    return case.but(assessment=fact.elements)


@_change.register
def _(fact: e.NoticeFiled, case: Case, _actor: str, _on: date) -> Case:
    """An amendment that does not restart the lead time keeps the answer that the notice already has."""
    keeps_answer = isinstance(fact, e.NoticeAmended) and not fact.lead_restarted
    notice = Notice(
        audit_kind=fact.audit_kind,
        starts_on=fact.starts_on,
        ends_on=fact.ends_on,
        sites=fact.sites,
        scope=fact.scope,
        filed_on=fact.filed_on,
        tool_version=fact.tool_version,
        policy_version=fact.policy_version,
        accepted=keeps_answer and case.notice is not None and case.notice.accepted,
    )
    return case.but(notice=notice)


@_change.register
def _(_fact: e.NoticeAccepted, case: Case, _actor: str, _on: date) -> Case:
    return case.but(notice=replace(case.notice, accepted=True)) if case.notice else case


@_change.register(e.NoticeRefused)
@_change.register(e.NoticeCancelled)
def _(_fact: e.Fact, case: Case, _actor: str, _on: date) -> Case:
    return case.but(notice=None)


@_change.register
def _(fact: e.DocumentAdded, case: Case, actor: str, on: date) -> Case:
    document = CaseDocument(
        document_id=fact.document_id,
        kind=fact.kind,
        sha256=fact.sha256,
        size=fact.size,
        media_type=fact.media_type,
        filename_id=fact.filename_id,
        added_on=on,
        added_by=actor,
    )
    return case.but(documents=(*case.documents, document))


@_change.register
def _(fact: e.DocumentWithdrawn, case: Case, _actor: str, _on: date) -> Case:
    return case.but(
        documents=tuple(
            replace(document, withdrawn=True) if document.document_id == fact.document_id else document
            for document in case.documents
        ),
    )


@_change.register
def _(fact: e.AuditSubmitted, case: Case, _actor: str, _on: date) -> Case:
    """A first submission starts the audit anew; a resubmission keeps its reviewer and answers the notes."""
    again = case.audit if isinstance(fact, e.AuditResubmitted) else None
    answers = {a.note_id: a.answer_id for a in fact.answers} if isinstance(fact, e.AuditResubmitted) else {}
    audit = Audit(
        round=fact.round,
        started_on=fact.started_on,
        ended_on=fact.ended_on,
        submitted_on=fact.submitted_on,
        late=fact.late,
        scorecard=fact.scorecard,
        documents=fact.documents,
        auditor_id=fact.auditor_id,
        reviewer=again.reviewer if again else None,
        notes=tuple(
            replace(note, answer_id=answers.get(note.note_id, note.answer_id))
            for note in (again.notes if again else ())
        ),
    )
    pinned = {document.document_id for document in fact.documents}
    documents = tuple(replace(d, submitted=d.submitted or d.document_id in pinned) for d in case.documents)
    return case.but(audit=audit, qa=None, documents=documents)


@_change.register
def _(fact: e.ReviewerAssigned, case: Case, _actor: str, _on: date) -> Case:
    return case.but(audit=replace(case.audit, reviewer=fact.reviewer)) if case.audit else case


@_change.register
def _(fact: e.AuditReturned, case: Case, _actor: str, _on: date) -> Case:
    if case.audit is None:
        return case
    notes = tuple(AuditNote(note_id=note.note_id, element=note.element) for note in fact.notes)
    return case.but(audit=replace(case.audit, returned=True, notes=(*case.audit.notes, *notes)))


@_change.register
def _(_fact: e.AuditRejected, case: Case, _actor: str, _on: date) -> Case:
    return case.but(audit=None, notice=None)


@_change.register
def _(fact: e.QADecided, case: Case, _actor: str, on: date) -> Case:
    qa = QA(
        result="passed" if isinstance(fact, e.QAPassed) else "failed",
        overall=fact.overall,
        failed_elements=fact.failed_elements,
        scorecard=fact.scorecard,
        decided_on=on,
    )
    return case.but(qa=qa)


@_change.register
def _(fact: e.ForwardedToWorkSafeBC, case: Case, _actor: str, _on: date) -> Case:
    return case.but(forwarded_on=fact.forwarded_on)


@_change.register
def _(_fact: e.WorkSafeBCRefused, case: Case, _actor: str, _on: date) -> Case:
    return case.but(forwarded_on=None)


@_change.register
def _(fact: e.CertificateIssued, case: Case, _actor: str, _on: date) -> Case:
    certificate = Certificate(number=fact.certificate_number, issued_on=fact.issued_on, expires_on=fact.expires_on)
    return case.but(certificate=certificate)


@_change.register
def _(fact: e.StandingRecorded, case: Case, _actor: str, _on: date) -> Case:
    """News of an earlier day that comes late changes nothing."""
    if case.standing and fact.as_of < case.standing.as_of:
        return case
    return case.but(standing=Standing(good=fact.good, as_of=fact.as_of))


@_change.register
def _(fact: e.CaseHeld, case: Case, _actor: str, on: date) -> Case:
    return case.but(hold=Hold(reason_id=fact.reason_id, since=on, review_on=fact.review_on))


@_change.register
def _(_fact: e.CaseReleased, case: Case, _actor: str, _on: date) -> Case:
    return case.but(hold=None)


@_change.register
def _(fact: e.PersonErased, case: Case, _actor: str, _on: date) -> Case:
    return case.but(erased=case.erased | {fact.person_id})


@_change.register
def _(fact: e.DeadlineExtended, case: Case, _actor: str, _on: date) -> Case:
    """More time for the student audit is a longer qualification of the champion."""
    if fact.deadline != "student_audit" or case.champion is None:
        return case
    return _trained(case, case.champion.trained_on, fact.due_on)


def _trained(case: Case, trained_on: date | None, qualified_until: date | None) -> Case:
    if case.champion is None:
        return case
    return case.but(champion=replace(case.champion, trained_on=trained_on, qualified_until=qualified_until))
