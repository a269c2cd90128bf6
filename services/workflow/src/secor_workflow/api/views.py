"""What a case looks like over HTTP: people as ids only."""

from dataclasses import make_dataclass
from datetime import date
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.decide import allowed_commands
from secor_workflow.domain.incentive import IncentiveEstimate, incentive_estimate
from secor_workflow.domain.policy import Policy, Resource
from secor_workflow.domain.values import AuditKind, Deadline, Employer, Employment, PinnedDocument, Score, Site, Total

V = TypeVar("V", bound=BaseModel)


class ChampionView(BaseModel):
    person_id: UUID
    employment: Employment
    trained_on: date | None
    qualified_until: date | None = Field(description="The last day on which the student audit may start.")


class GapView(BaseModel):
    code: str
    title: str
    resources: list[Resource]


class SelfAssessmentView(BaseModel):
    assessed: int
    total: int
    gaps: list[GapView]


class NoticeView(BaseModel):
    audit_kind: AuditKind
    starts_on: date
    ends_on: date
    sites: list[Site]
    scope: str | None
    filed_on: date
    accepted: bool
    tool_version: str
    policy_version: str


class NoteView(BaseModel):
    note_id: UUID = Field(description="Its text is at /v1/texts/{note_id}.")
    element: str | None
    answered: bool
    answer_id: UUID | None


class AuditView(BaseModel):
    round: int
    started_on: date
    ended_on: date
    submitted_on: date
    late: bool
    returned: bool = Field(description="Whether it is with the employer for corrections.")
    scorecard: list[Score]
    documents: list[PinnedDocument] = Field(description="As they were submitted; more of each at `.../documents`.")
    reviewer: str | None
    notes: list[NoteView]


class QAView(BaseModel):
    result: Literal["passed", "failed"]
    overall: Total
    failed_elements: list[str]
    scorecard: list[Score]
    decided_on: date


class CertificateView(BaseModel):
    number: str
    issued_on: date
    expires_on: date


class HoldView(BaseModel):
    reason_id: UUID
    since: date
    review_on: date | None


class StandingView(BaseModel):
    good: bool
    as_of: date


class CaseView(BaseModel):
    """One employer's certification case."""

    case_id: UUID
    state: str
    version: int
    position: int
    registered_on: date
    employer: Employer
    over_size_limit: bool
    contact_id: UUID
    champion: ChampionView | None
    self_assessment: SelfAssessmentView
    notice: NoticeView | None
    audit: AuditView | None
    qa: QAView | None
    forwarded_on: date | None
    certificate: CertificateView | None
    incentive_estimate: IncentiveEstimate | None
    hold: HoldView | None
    standing: StandingView | None
    deadlines: list[Deadline]
    allowed_commands: list[str] = Field(description="What this caller may send now, as far as the case alone can say.")


_Told = make_dataclass("_Told", [(name, field.annotation or Any) for name, field in CaseView.model_fields.items()])
_AS_TEXT = TypeAdapter(_Told).serializer


def case_view(case: Case, ctx: Context, *, past: bool = False) -> CaseView:
    """The case for this caller. A case as it was in the past allows nothing any more."""
    return CaseView.model_construct(**_told(case, ctx, past=past))  # what was decided or read is checked already


def case_text(case: Case, ctx: Context) -> bytes:
    """The same as JSON at once: making a model of it first would take as long again."""
    return _AS_TEXT.to_json(_Told(**_told(case, ctx, past=False)))


def _told(case: Case, ctx: Context, *, past: bool) -> dict[str, Any]:
    if case.employer is None or case.contact_id is None or case.registered_on is None:
        raise ValueError("a case without its first event has nothing to show")
    policy = ctx.policy
    return {
        "case_id": case.case_id,
        "state": case.state,
        "version": case.version,
        "position": case.position,
        "registered_on": case.registered_on,
        "employer": case.employer,
        "over_size_limit": case.over_size_limit,
        "contact_id": case.contact_id,
        "champion": _seen(ChampionView, case.champion),
        "self_assessment": _self_assessment(case, policy),
        "notice": _seen(NoticeView, case.notice),
        "audit": _seen(AuditView, case.audit),
        "qa": _seen(QAView, case.qa),
        "forwarded_on": case.forwarded_on,
        "certificate": _seen(CertificateView, case.certificate),
        "incentive_estimate": incentive_estimate(case, policy),
        "hold": _seen(HoldView, case.hold),
        "standing": _seen(StandingView, case.standing),
        "deadlines": list(case.deadlines),
        "allowed_commands": [] if past else [command.slug for command in allowed_commands(case, ctx)],
    }


def _seen(view: type[V], part: object | None) -> V | None:
    return None if part is None else view.model_validate(part, from_attributes=True)


def _self_assessment(case: Case, policy: Policy) -> SelfAssessmentView:
    gaps = [element for element in policy.elements if element.code in found] if (found := case.gaps) else []
    return SelfAssessmentView(
        assessed=len(case.assessment),
        total=len(policy.elements),
        gaps=[GapView(code=gap.code, title=gap.title, resources=list(gap.resources)) for gap in gaps],
    )
