"""The rounds of an audit over HTTP: every submission, its outcome, and what changed since the one before."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import CaseReader, bearer
from secor_workflow.api.answers import etag
from secor_workflow.api.requests import Id, not_found, not_modified, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.api.views import NoteView
from secor_workflow.asking import may_see
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.rounds import Outcome, ReviewResult, Round, RoundChanges, rounds
from secor_workflow.domain.values import PinnedDocument, Score, Total, total

router = APIRouter(tags=["cases"], dependencies=[Depends(bearer)])


class RoundView(BaseModel):
    """One submission of an audit for review."""

    attempt: int = Field(description="1 for the first audit of the case; a new notice begins the next.")
    round: int = Field(description="1 for an attempt's first submission; one more for each that was returned.")
    version: int = Field(description="The case's version that it made: the event is in the case's history.")
    submitted_on: date
    recorded_at: datetime
    submitted_by: str
    started_on: date
    ended_on: date
    late: bool
    auditor_id: UUID
    tool_version: str
    scorecard: list[Score]
    total: Total
    documents: list[PinnedDocument] = Field(description="As they were submitted, each with the digest of its bytes.")
    changes: RoundChanges | None = Field(
        description="What is other than in the submission before, whichever attempt that was; null for the first."
    )
    outcome: Outcome | None = Field(description="Null as long as it is under review, or if the case ended before.")
    outcome_on: date | None
    notes: list[NoteView] = Field(description="The notes that returned it, and where their answers are.")
    reason_id: UUID | None = Field(description="Why it was rejected: the text is at /v1/texts/{reason_id}.")
    decision: ReviewResult | None = Field(description="The scores by which it passed or failed.")


class RoundsView(BaseModel):
    """Every round of every audit of a case, oldest first."""

    case_id: UUID
    items: list[RoundView]


@router.get(
    "/v1/cases/{case_id}/audit/rounds",
    operation_id="read_audit_rounds",
    summary="Every round of an audit, and what changed",
    response_model=RoundsView,
)
async def read_rounds(request: Request, case_id: Id, actor: CaseReader, rooms: InRooms) -> Response:
    """What was submitted each time, which notes returned it, and which documents and scores changed since."""
    past = await rooms.log.events_of(uuid_of(case_id))
    case = fold(uuid_of(case_id), past)
    if not may_see(actor, case):
        raise not_found()
    headers = {"ETag": etag(case), "Cache-Control": "private, no-cache"}
    if not_modified(request, etag(case)):
        return Response(status_code=304, headers=headers)
    view = RoundsView(case_id=case.case_id, items=[_view(round_) for round_ in rounds(past)])
    return Response(view.model_dump_json(), media_type="application/json", headers=headers)


def _view(round_: Round) -> RoundView:
    submission = round_.submission
    return RoundView(
        attempt=round_.attempt,
        round=submission.round,
        version=round_.version,
        submitted_on=submission.submitted_on,
        recorded_at=round_.recorded_at,
        submitted_by=round_.submitted_by,
        started_on=submission.started_on,
        ended_on=submission.ended_on,
        late=submission.late,
        auditor_id=submission.auditor_id,
        tool_version=submission.tool_version,
        scorecard=list(submission.scorecard),
        total=total(submission.scorecard),
        documents=list(submission.documents),
        changes=round_.changes,
        outcome=round_.outcome,
        outcome_on=round_.outcome_on,
        notes=[NoteView.model_validate(note, from_attributes=True) for note in round_.notes],
        reason_id=round_.reason_id,
        decision=round_.decision,
    )
