"""A case: everything that its events have told so far. How each of them changes it stands in `evolve`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from secor_workflow.domain.involvement import Involvement
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


@dataclass(frozen=True, kw_only=True)  # no slots: see `but`
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

    def but(self, **fields: Any) -> Self:  # noqa: ANN401 (each field has a type of its own)
        """The same case with some fields told otherwise; a seventh of what `dataclasses.replace` costs."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **fields)
        if len(other.__dict__) > len(self.__dict__):
            raise TypeError(f"A case has no {fields.keys() - self.__dict__.keys()}.")
        return other

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
