"""Every wish: one class each, imperative. The docstring is the operation's summary; the fields are its body."""

from typing import Annotated
from uuid import UUID

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.domain.beside import Person, Text
from secor_workflow.domain.values import (
    ActorId,
    Assessed,
    AuditKind,
    ClosingReason,
    Code,
    Day,
    Digest,
    Document,
    Employer,
    Employment,
    OpenLine,
    Requester,
    Score,
    Site,
)

Sites = Annotated[tuple[Site, ...], Len(1, 50)]
Scorecard = Annotated[tuple[Score, ...], Len(1, 100)]
Documents = Annotated[tuple[Document, ...], Len(0, 200)]


class Wish(BaseModel):
    """A command of a case. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    effective_on: Day | None = Field(
        default=None, description="The local date on which it was true; today if not given, never in the future."
    )


class RegisterEmployer(Wish):
    """Register an employer and open its case."""

    employer: Employer
    contact: Person
    terms_accepted: bool = Field(
        examples=[True], description="The employer accepts the programme's terms of participation."
    )


class UpdateEmployer(Wish):
    """Replace what is known of the employer, its contact, or both."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact": Person.EXAMPLE}]})

    employer: Employer | None = None
    contact: Person | None = None


class NameChampion(Wish):
    """Name the safety champion, who will become the internal auditor."""

    person: Person
    employment: Employment


class ReplaceChampion(Wish):
    """Name another champion; training belongs to the person, so the new one starts untrained."""

    person: Person
    employment: Employment
    reason: Text


class EnrolInTraining(Wish):
    """Enrol the champion in a course."""

    course: Code = Field(examples=["secor-internal-auditor"])
    starts_on: Day


class RecordTraining(Wish):
    """Record that the champion completed the training."""

    course: Code = Field(examples=["secor-internal-auditor"])
    completed_on: Day
    certificate_number: OpenLine | None = Field(default=None, examples=["IA-2026-0042"])


class LapseTraining(Wish):
    """Record that the time for the student audit ran out, so that the training must be taken again."""


class RecordSelfAssessment(Wish):
    """Record where elements of the safety management system stand; elements not named keep their status."""

    elements: Annotated[tuple[Assessed, ...], Len(1, 100)]


class DeclareSms(Wish):
    """Declare the safety management system developed."""


class FileNotice(Wish):
    """File the Notice of Audit Activity."""

    audit_kind: AuditKind
    starts_on: Day = Field(examples=["2026-12-08"])
    ends_on: Day = Field(examples=["2026-12-10"])
    sites: Sites
    scope: OpenLine | None = Field(default=None, examples=["All departments"])


class AcceptNotice(Wish):
    """Accept the notice."""


class RefuseNotice(Wish):
    """Refuse the notice, with the reason."""

    reason: Text


class AmendNotice(FileNotice):
    """Change the notice before the audit begins."""


class CancelNotice(Wish):
    """Cancel the notice."""

    reason: Text


class AddDocument(Wish):
    """Hand in a document: its bytes are kept, and the case remembers their digest."""

    document_id: UUID
    kind: Code
    sha256: Digest
    size: int
    media_type: str
    filename: Text


class WithdrawDocument(Wish):
    """Withdraw a document that was handed in and never submitted."""

    document_id: UUID = Field(examples=["0195c1d0-5ec0-7000-8000-000000000001"])


class SubmitAudit(Wish):
    """Submit the completed audit for quality assurance review."""

    started_on: Day
    ended_on: Day
    scorecard: Scorecard
    documents: Documents


class AssignReviewer(Wish):
    """Assign the reviewer of the submitted audit."""

    reviewer: ActorId = Field(examples=["reviewer-7"], description="The actor id of a qa_reviewer's key.")


class Note(BaseModel):
    """A reviewer's remark that the employer must answer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: Text
    element: Code | None = Field(default=None, examples=["hazards"])


class ReturnAudit(Wish):
    """Return the audit to the employer for corrections."""

    notes: Annotated[tuple[Note, ...], Len(1, 100)]


class Answer(BaseModel):
    """The employer's answer to a note."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    note_id: UUID = Field(examples=["0195c1d0-5ec0-7000-8000-000000000002"])
    text: Text


class ResubmitAudit(SubmitAudit):
    """Submit the corrected audit, answering every note."""

    answers: Annotated[tuple[Answer, ...], Len(1, 100)]


class RejectAudit(Wish):
    """Reject an audit that cannot be reviewed; this is not a fail."""

    reason: Text


class DecideQa(Wish):
    """Decide the quality assurance review; the scores say whether it passes."""

    scorecard: Scorecard | None = Field(default=None, description="The reviewer's final scores; else the submitted.")


class ForwardToWorksafebc(Wish):
    """Forward the passed audit to WorkSafeBC."""


class RecordCertificate(Wish):
    """Record the certificate that WorkSafeBC issued."""

    certificate_number: OpenLine = Field(examples=["SECOR-1001"])
    issued_on: Day
    expires_on: Day | None = None


class RecordWorksafebcRefusal(Wish):
    """Record that WorkSafeBC did not approve; the audit may be forwarded again."""

    reason: Text


class RecordStanding(Wish):
    """Record the employer's standing with WorkSafeBC."""

    good: bool = Field(examples=[True])
    as_of: Day


class RecordAdvice(Wish):
    """Record that somebody advised the employer: for a while they do not review its audit."""

    adviser: ActorId | None = Field(
        default=None, examples=["clerk"], description="Who advised, by actor id; the caller if not given."
    )
    advised_on: Day | None = Field(
        default=None, description="When; the effective date if not given. It may lie before the registration."
    )
    elements: Annotated[tuple[Code, ...], Len(0, 100)] = Field(default=(), description="What it was about, if known.")
    words: Text | None = Field(default=None, description="What was said. The employer may read it.")


class PlaceHold(Wish):
    """Put the case on hold: the employer's reminders pause, deadlines go on."""

    reason: Text
    review_on: Day | None = None


class ReleaseHold(Wish):
    """End the hold."""


class ExtendDeadline(Wish):
    """Give more time for one deadline."""

    deadline: Code = Field(examples=["training"])
    due_on: Day = Field(examples=["2027-03-31"])
    reason: Text


class MissDeadline(Wish):
    """Record that a deadline's date is over."""

    deadline: Code = Field(examples=["training"])


class ErasePerson(Wish):
    """Erase a person's name and addresses for good, whatever has become of the case."""

    person_id: UUID = Field(examples=["0195c1d0-5ec0-7000-8000-000000000003"])
    requested_by: Requester
    reason: Text


class Withdraw(Wish):
    """Leave the programme."""

    reason: Text


class Close(Wish):
    """Close the case."""

    reason: ClosingReason
