"""Who should be erased by the policy, as proposals for an admin; nothing is erased by itself."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.requests import Parameters
from secor_workflow.api.rooms import InRooms
from secor_workflow.log.log import BadCursorError

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])


class RetentionParameters(Parameters):
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")
    limit: int = Field(default=200, ge=1, le=500, description="Cases that are looked through for a page.")


class ProposalView(BaseModel):
    """Somebody who was kept as long as the policy says. An admin erases them, `requested_by: retention`, or not."""

    person_id: UUID
    case_id: UUID
    because: Literal["case_closed", "no_longer_named"] = Field(
        description="The case closed, or the person has long had no part in it any more."
    )
    since: date = Field(description="When the case closed, or when it last had to do with the person.")
    kept_until: date = Field(description="By the policy's `people` numbers: from this day on it is proposed.")
    erase: str = Field(description="Where to POST the erasure.")


class ProposalPage(BaseModel):
    items: list[ProposalView]
    next: str | None = Field(description="The cursor of the next page, if there is more; a page may be empty.")


@router.get(
    "/v1/people/retention",
    operation_id="list_retention_proposals",
    summary="Who was kept long enough",
    response_model=ProposalPage,
)
async def list_retention_proposals(
    request: Request, _actor: Admin, rooms: InRooms, find: Annotated[RetentionParameters, Query()]
) -> Response:
    """People whom the policy no longer keeps, case by case, with the reason. Nothing is erased by itself."""
    today = rooms.clock.local_day(rooms.clock.now())
    found = await rooms.people_retention.proposals(
        rooms.policies.on(today).people, today, after=_case_id(find.cursor), limit=find.limit
    )
    items = [
        ProposalView(
            person_id=one.person_id,
            case_id=one.case_id,
            because=one.because,
            since=one.since,
            kept_until=one.kept_until,
            erase=f"/v1/people/{one.person_id}:erase",
        )
        for one in found.items
    ]
    following = str(found.next) if found.next else None
    headers = {"Cache-Control": "no-store"}
    if following:
        headers["Link"] = f'<{request.url.path}?{urlencode({"limit": find.limit, "cursor": following})}>; rel="next"'
    body = ProposalPage(items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


def _case_id(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor is not None else None
    except ValueError:
        raise BadCursorError(cursor) from None
