"""The package for WorkSafeBC: the details of a successful audit, without anybody's name."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from secor_workflow.domain.case import Case
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.values import AuditKind, Employer, PinnedDocument, Site, Total


class ScoredElement(BaseModel):
    code: str
    title: str
    earned: int
    available: int


class PackageView(BaseModel):
    """What go2HR forwards to WorkSafeBC for the small employer certification."""

    case_id: UUID
    employer: Employer
    audit_kind: AuditKind
    tool_version: str
    started_on: date
    ended_on: date
    submitted_on: date
    sites: list[Site]
    scope: str | None
    auditor_id: UUID = Field(description="The champion who audited; /v1/people tells who that is.")
    overall: Total
    elements: list[ScoredElement]
    decided_on: date
    reviewer: str | None
    documents: list[PinnedDocument]
    forwarded_on: date | None


def package(case: Case, policy: Policy) -> PackageView | None:
    """The package, once the review is passed."""
    if case.state not in {"QAPassed", "Certified"} or not (case.employer and case.notice and case.audit and case.qa):
        return None
    return PackageView(
        case_id=case.case_id,
        employer=case.employer,
        audit_kind=case.notice.audit_kind,
        tool_version=case.notice.tool_version,
        started_on=case.audit.started_on,
        ended_on=case.audit.ended_on,
        submitted_on=case.audit.submitted_on,
        sites=list(case.notice.sites),
        scope=case.notice.scope,
        auditor_id=case.audit.auditor_id,
        overall=case.qa.overall,
        elements=[
            ScoredElement(
                code=score.code,
                title=policy.element_titles.get(score.code, score.code),
                earned=score.earned,
                available=score.available,
            )
            for score in case.qa.scorecard
        ],
        decided_on=case.qa.decided_on,
        reviewer=case.audit.reviewer,
        documents=list(case.audit.documents),
        forwarded_on=case.forwarded_on,
    )
