"""Every fact: one class each, past tense and for ever. Add fields with defaults; never rename, retype or remove one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from secor_workflow.domain.values import (
    Assessed,
    AuditKind,
    ClosingReason,
    Deadline,
    Employer,
    Employment,
    PinnedDocument,
    Requester,
    Score,
    Site,
    Total,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What happened. Classes below are stored by their name; `FACTS` finds them again."""

    schema_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerRegistered(Fact):
    """An employer registered and its case was opened."""

    employer: Employer
    contact_id: UUID
    terms_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerUpdated(Fact):
    """The employer's details or its contact changed; both stand here whole."""

    employer: Employer
    contact_id: UUID
    over_size_limit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampionNamed(Fact):
    """The safety champion was named."""

    person_id: UUID
    employment: Employment


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampionReplaced(Fact):
    """Another champion was named; the new one is untrained, and a notice that was open is void."""

    person_id: UUID
    employment: Employment
    previous_person_id: UUID
    reason_id: UUID
    notice_voided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingBooked(Fact):
    """The champion was enrolled in a course."""

    person_id: UUID
    course: str
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCompleted(Fact):
    """The champion completed the training and may audit until `qualified_until`."""

    person_id: UUID
    course: str
    completed_on: date
    certificate_number: str | None
    qualified_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLapsed(Fact):
    """The time for the student audit ran out; the training must be taken again."""

    person_id: UUID
    qualified_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfAssessmentRecorded(Fact):
    """The self-assessment as it stands: every element assessed so far, and the gaps that remain."""

    elements: tuple[Assessed, ...]
    gaps: tuple[str, ...]
    assessed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SMSDeveloped(Fact):
    """The safety management system was declared developed, with the self-assessment it rests on."""

    elements: tuple[Assessed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFiled(Fact):
    """A Notice of Audit Activity was filed; the audit tool's version and the policy are pinned with it."""

    audit_kind: AuditKind
    starts_on: date
    ends_on: date
    sites: tuple[Site, ...]
    scope: str | None
    filed_on: date
    auditor_id: UUID
    tool_version: str
    policy_version: str
    lead_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAccepted(Fact):
    """go2HR accepted the notice."""

    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRefused(Fact):
    """go2HR refused the notice."""

    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAmended(NoticeFiled):
    """The notice changed; if `lead_restarted`, it counts as filed anew and is to be answered anew."""

    lead_restarted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCancelled(Fact):
    """The notice was cancelled."""

    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAdded(Fact):
    """A document was handed in. Its name may name a person, so it is kept beside the log."""

    document_id: UUID
    kind: str
    sha256: str
    size: int
    media_type: str
    filename_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWithdrawn(Fact):
    """A document was withdrawn before it was submitted."""

    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSubmitted(Fact):
    """The completed audit was submitted for quality assurance review."""

    round: int
    started_on: date
    ended_on: date
    submitted_on: date
    scorecard: tuple[Score, ...]
    documents: tuple[PinnedDocument, ...]
    auditor_id: UUID
    tool_version: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAssigned(Fact):
    """A reviewer was assigned to the audit."""

    reviewer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewNote:
    note_id: UUID
    element: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReturned(Fact):
    """The reviewer returned the audit for corrections; each note's text is kept beside the log."""

    round: int
    notes: tuple[ReviewNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswered:
    note_id: UUID
    answer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResubmitted(AuditSubmitted):
    """The corrected audit was submitted, with an answer to every note."""

    answers: tuple[NoteAnswered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRejected(Fact):
    """The audit could not be reviewed; this is not a fail."""

    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QADecided(Fact):
    """What both outcomes of the review say: the scores, the marks they were held against, the elements that failed."""

    reviewer: str
    scorecard: tuple[Score, ...]
    overall: Total
    failed_elements: tuple[str, ...]
    overall_pass_percent: int
    element_pass_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QAPassed(QADecided):
    """The audit passed its quality assurance review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QAFailed(QADecided):
    """The audit did not pass its quality assurance review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedToWorkSafeBC(Fact):
    """The audit's details went to WorkSafeBC for certification."""

    forwarded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued(Fact):
    """WorkSafeBC issued the certificate."""

    certificate_number: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSafeBCRefused(Fact):
    """WorkSafeBC did not approve; the audit may be forwarded again."""

    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRecorded(Fact):
    """The employer's standing with WorkSafeBC, as of a date."""

    good: bool
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHeld(Fact):
    """The case was put on hold."""

    reason_id: UUID
    review_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReleased(Fact):
    """The hold ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRecorded(Fact):
    """Somebody advised the employer, and for a while does not review its audit; the words are kept beside the log."""

    adviser: str
    advised_on: date
    elements: tuple[str, ...]
    words_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExtended(Fact):
    """One deadline was moved to a later date."""

    deadline: str
    previous_due_on: date
    due_on: date
    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed(Fact):
    """A deadline's date was over and what was owed had not come."""

    deadline: str
    due_on: date
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Fact):
    """A person's name and addresses were erased for good; whoever keeps anything about them forgets it too."""

    person_id: UUID
    requested_by: Requester
    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(Fact):
    """The employer left the programme."""

    reason_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Fact):
    """go2HR closed the case."""

    reason: ClosingReason


class Event(NamedTuple):
    """One row of the log: a fact, with the case's state and deadlines as they stood after it.

    `effective_on` is the local date on which it was true, `recorded_at` the UTC instant at which it was written.
    """

    position: int
    event_id: UUID
    case_id: UUID
    version: int
    fact: Fact
    state: str
    deadlines: tuple[Deadline, ...]
    effective_on: date
    recorded_at: datetime
    actor: str
    actor_role: str
    command_id: UUID
    policy_version: str

    @property
    def type(self) -> str:
        return type(self.fact).__name__


FACTS: dict[str, type[Fact]] = {
    fact.__name__: fact
    for fact in globals().copy().values()
    if isinstance(fact, type) and issubclass(fact, Fact) and fact not in {Fact, QADecided}
}
"""Every fact by the name under which it is stored."""
