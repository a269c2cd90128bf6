"""A case, and how each fact changes it: events → case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import singledispatch
from typing import Literal
from uuid import UUID

from secor_workflow.domain import events as e
from secor_workflow.domain.involvement import Involvement, involved_after
from secor_workflow.domain.values import (
    Assessed,
    AuditKind,
    Deadline,
    ElementStatus,
    Employer,
    Employment,
    PinnedDocument,
    Score,
    Site,
    Total,
)

UNREGISTERED = "Unregistered"
"""Where a case stands before its first event; never shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """The safety champion; `qualified_until` is the last day on which the student audit may start."""

    person_id: UUID
    employment: Employment
    trained_on: date | None = None
    qualified_until: date | None = None

    def qualified_on(self, day: date) -> bool:
        return self.qualified_until is not None and day <= self.qualified_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    audit_kind: AuditKind
    starts_on: date
    ends_on: date
    sites: tuple[Site, ...]
    scope: str | None
    filed_on: date
    tool_version: str
    policy_version: str
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDocument:
    """A document that was handed in; `submitted` once an audit named it, and from then on for ever."""

    document_id: UUID
    kind: str
    sha256: str
    size: int
    media_type: str
    filename_id: UUID
    added_on: date
    added_by: str
    withdrawn: bool = False
    submitted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditNote:
    note_id: UUID
    element: str | None
    answer_id: UUID | None = None

    @property
    def answered(self) -> bool:
        return self.answer_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit under review, in its present round."""

    round: int
    started_on: date
    ended_on: date
    submitted_on: date
    late: bool
    scorecard: tuple[Score, ...]
    documents: tuple[PinnedDocument, ...]
    auditor_id: UUID
    reviewer: str | None = None
    returned: bool = False
    notes: tuple[AuditNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QA:
    result: Literal["passed", "failed"]
    overall: Total
    failed_elements: tuple[str, ...]
    scorecard: tuple[Score, ...]
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    number: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    reason_id: UUID
    since: date
    review_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    good: bool
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One employer's certification as its events tell it. Before the first event only the id is known."""

    case_id: UUID
    state: str = UNREGISTERED
    version: int = 0
    position: int = 0
    registered_on: date | None = None
    recorded_at: datetime | None = None
    employer: Employer | None = None
    over_size_limit: bool = False
    contact_id: UUID | None = None
    champion: Champion | None = None
    assessment: tuple[Assessed, ...] = ()
    notice: Notice | None = None
    documents: tuple[CaseDocument, ...] = ()
    audit: Audit | None = None
    qa: QA | None = None
    forwarded_on: date | None = None
    certificate: Certificate | None = None
    hold: Hold | None = None
    standing: Standing | None = None
    erased: frozenset[UUID] = frozenset()
    involved: tuple[Involvement, ...] = ()
    deadlines: tuple[Deadline, ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        return tuple(assessed.code for assessed in self.assessment if assessed.status == "gap")

    def status_of(self, element: str) -> ElementStatus | None:
        return next((assessed.status for assessed in self.assessment if assessed.code == element), None)

    def document(self, document_id: UUID) -> CaseDocument | None:
        return next((document for document in self.documents if document.document_id == document_id), None)

    def document_of(self, kind: str, sha256: str) -> CaseDocument | None:
        """The document of this kind with just these bytes, unless it was withdrawn."""
        return next((d for d in self.documents if (d.kind, d.sha256, d.withdrawn) == (kind, sha256, False)), None)

    def roles_of(self, person_id: UUID) -> tuple[str, ...]:
        """What somebody is in the case now: contact, champion, both or neither."""
        champion = self.champion.person_id if self.champion else None
        return tuple(role for role, who in (("contact", self.contact_id), ("champion", champion)) if who == person_id)

    def deadline(self, name: str) -> Deadline | None:
        return next((deadline for deadline in self.deadlines if deadline.name == name), None)


def fold(case_id: UUID, events: Iterable[e.Event]) -> Case:
    """The case as its events, oldest first, tell it."""
    case = Case(case_id=case_id)
    for event in events:
        case = evolve(case, event)
    return case


def evolve(case: Case, event: e.Event) -> Case:
    """The case after one more event. State and deadlines are the event's own: no guard, no policy is run again."""
    return replace(
        changed(case, event.fact, actor=event.actor, on=event.effective_on),
        state=event.state,
        deadlines=event.deadlines,
        involved=involved_after(case.involved, event),
        version=event.version,
        position=event.position,
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
    return replace(case, employer=fact.employer, contact_id=fact.contact_id, registered_on=on)


@_change.register
def _(fact: e.EmployerUpdated, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, employer=fact.employer, contact_id=fact.contact_id, over_size_limit=fact.over_size_limit)


@_change.register
def _(fact: e.ChampionNamed, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, champion=Champion(person_id=fact.person_id, employment=fact.employment))


@_change.register
def _(fact: e.ChampionReplaced, case: Case, _actor: str, _on: date) -> Case:
    champion = Champion(person_id=fact.person_id, employment=fact.employment)
    return replace(case, champion=champion, notice=None if fact.notice_voided else case.notice)


@_change.register
def _(fact: e.TrainingCompleted, case: Case, _actor: str, _on: date) -> Case:
    return _trained(case, fact.completed_on, fact.qualified_until)


@_change.register
def _(_fact: e.TrainingLapsed, case: Case, _actor: str, _on: date) -> Case:
    return _trained(case, None, None)


@_change.register
def _(fact: e.SelfAssessmentRecorded, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, assessment=fact.elements)


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
    return replace(case, notice=notice)


@_change.register
def _(_fact: e.NoticeAccepted, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, notice=replace(case.notice, accepted=True)) if case.notice else case


@_change.register(e.NoticeRefused)
@_change.register(e.NoticeCancelled)
def _(_fact: e.Fact, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, notice=None)


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
    return replace(case, documents=(*case.documents, document))


@_change.register
def _(fact: e.DocumentWithdrawn, case: Case, _actor: str, _on: date) -> Case:
    return replace(
        case,
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
    return replace(case, audit=audit, qa=None, documents=documents)


@_change.register
def _(fact: e.ReviewerAssigned, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, audit=replace(case.audit, reviewer=fact.reviewer)) if case.audit else case


@_change.register
def _(fact: e.AuditReturned, case: Case, _actor: str, _on: date) -> Case:
    if case.audit is None:
        return case
    notes = tuple(AuditNote(note_id=note.note_id, element=note.element) for note in fact.notes)
    return replace(case, audit=replace(case.audit, returned=True, notes=(*case.audit.notes, *notes)))


@_change.register
def _(_fact: e.AuditRejected, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, audit=None, notice=None)


@_change.register
def _(fact: e.QADecided, case: Case, _actor: str, on: date) -> Case:
    qa = QA(
        result="passed" if isinstance(fact, e.QAPassed) else "failed",
        overall=fact.overall,
        failed_elements=fact.failed_elements,
        scorecard=fact.scorecard,
        decided_on=on,
    )
    return replace(case, qa=qa)


@_change.register
def _(fact: e.ForwardedToWorkSafeBC, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, forwarded_on=fact.forwarded_on)


@_change.register
def _(_fact: e.WorkSafeBCRefused, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, forwarded_on=None)


@_change.register
def _(fact: e.CertificateIssued, case: Case, _actor: str, _on: date) -> Case:
    certificate = Certificate(number=fact.certificate_number, issued_on=fact.issued_on, expires_on=fact.expires_on)
    return replace(case, certificate=certificate)


@_change.register
def _(fact: e.StandingRecorded, case: Case, _actor: str, _on: date) -> Case:
    """News of an earlier day that comes late changes nothing."""
    if case.standing and fact.as_of < case.standing.as_of:
        return case
    return replace(case, standing=Standing(good=fact.good, as_of=fact.as_of))


@_change.register
def _(fact: e.CaseHeld, case: Case, _actor: str, on: date) -> Case:
    return replace(case, hold=Hold(reason_id=fact.reason_id, since=on, review_on=fact.review_on))


@_change.register
def _(_fact: e.CaseReleased, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, hold=None)


@_change.register
def _(fact: e.PersonErased, case: Case, _actor: str, _on: date) -> Case:
    return replace(case, erased=case.erased | {fact.person_id})


@_change.register
def _(fact: e.DeadlineExtended, case: Case, _actor: str, _on: date) -> Case:
    """More time for the student audit is a longer qualification of the champion."""
    if fact.deadline != "student_audit" or case.champion is None:
        return case
    return _trained(case, case.champion.trained_on, fact.due_on)


def _trained(case: Case, trained_on: date | None, qualified_until: date | None) -> Case:
    if case.champion is None:
        return case
    return replace(case, champion=replace(case.champion, trained_on=trained_on, qualified_until=qualified_until))
