"""Whom somebody was shown: the same record as of each person, asked from the other side."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.people_reads import ReadParameters, ReadView, read_id_of, read_view
from secor_workflow.api.persons import check_known
from secor_workflow.api.rooms import InRooms
from secor_workflow.database.tables import people_reads
from secor_workflow.domain.values import ActorId
from secor_workflow.people_reads import Recorded

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])


class ActorReadParameters(ReadParameters):
    actor_id: ActorId = Field(
        description="Who was shown somebody; the same person's other ids are at /v1/actors/{actor_id}/person.",
        examples=["clerk"],
    )


class ActorReadView(ReadView):
    """This actor was shown a person, or a text of a case."""

    case_id: UUID
    person_id: UUID | None = Field(description="The person; null: a text.")


class ActorReadPage(BaseModel):
    items: list[ActorReadView]
    next: str | None = Field(description="The cursor of the next page, if there is more.")


@router.get(
    "/v1/people/reads",
    operation_id="list_reads_of_actor",
    summary="Whom an actor was shown",
    response_model=ActorReadPage,
)
async def list_reads_of_actor(
    request: Request, _actor: Admin, rooms: InRooms, find: Annotated[ActorReadParameters, Query()]
) -> Response:
    """Newest first, ids alone; kept for a while, and after an erasure too. 404 for an actor that nobody knows."""
    where = [people_reads.c.actor_id == find.actor_id]
    if (before := read_id_of(find.cursor)) is not None:
        where.append(people_reads.c.read_id < before)
    found = await rooms.people_reads.page(*where, limit=find.limit + 1)
    if not found:
        await check_known(find.actor_id, rooms)
    items = [_view(one) for one in found[: find.limit]]
    following = str(items[-1].read_id) if len(found) > find.limit else None
    headers = {"Cache-Control": "no-store"}
    if following:
        query = urlencode({"actor_id": find.actor_id, "limit": find.limit, "cursor": following})
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    body = ActorReadPage(items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


def _view(one: Recorded) -> ActorReadView:
    read = one.read
    return ActorReadView(**read_view(one).model_dump(), case_id=read.case_id, person_id=read.person_id)
