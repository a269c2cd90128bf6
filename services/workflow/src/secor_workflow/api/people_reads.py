"""Who was shown whom: putting it on record, and reading the record."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.requests import Id, Parameters, not_found, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.database.tables import people_reads
from secor_workflow.domain.context import Actor, Role
from secor_workflow.log.log import BadCursorError
from secor_workflow.people import KnownPerson, KnownText
from secor_workflow.people_reads import Read, Recorded

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])


class ReadParameters(Parameters):
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200, description="Reads of a page at most.")


class ReadView(BaseModel):
    """Somebody was shown this person, or a text of the person's case, in which they may be named."""

    read_id: UUID
    read_at: datetime = Field(description="By the real clock.")
    actor_id: str
    role: Role
    operation: str = Field(description="The operation's id, such as read_person.")
    request_id: str
    text_id: UUID | None = Field(description="The text; null: the person.")


class ReadPage(BaseModel):
    items: list[ReadView]
    next: str | None = Field(description="The cursor of the next page, if there is more.")


@router.get(
    "/v1/people/{person_id}/reads",
    operation_id="list_reads",
    summary="Who was shown a person",
    response_model=ReadPage,
)
async def list_reads(
    request: Request, person_id: Id, _actor: Admin, rooms: InRooms, find: Annotated[ReadParameters, Query()]
) -> Response:
    """Newest first, the texts of the person's case among them; kept for a while, and after an erasure too."""
    person = await rooms.people.person(uuid_of(person_id))
    if person is None:
        raise not_found("person")
    found = await reads_of(person, rooms, limit=find.limit + 1, before=read_id_of(find.cursor))
    items = [read_view(one) for one in found[: find.limit]]
    following = str(items[-1].read_id) if len(found) > find.limit else None
    headers = {"Cache-Control": "no-store"}
    if following:
        headers["Link"] = f'<{request.url.path}?limit={find.limit}&cursor={following}>; rel="next"'
    body = ReadPage(items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


async def shown(request: Request, actor: Actor, rooms: Rooms, *whom: KnownPerson | KnownText) -> None:
    """Put on record what this request is about to show; returns once that is durable."""
    await rooms.people_reads.note(
        [
            Read(
                actor_id=actor.id,
                role=actor.role.value,
                operation=_operation(request),
                request_id=request.scope["request_id"],
                case_id=one.case_id,
                person_id=one.person_id if isinstance(one, KnownPerson) else None,
                text_id=one.text_id if isinstance(one, KnownText) else None,
            )
            for one in whom
        ]
    )


def _operation(request: Request) -> str:
    """The operation's id; a HEAD beside it has none, and goes by its function's name."""
    route = request.scope["route"]
    return str(route.operation_id or route.name)


async def reads_of(person: KnownPerson, rooms: Rooms, *, limit: int, before: UUID | None = None) -> list[Recorded]:
    """The newest reads of somebody and of the texts of their case, newest first."""
    texts = sa.and_(people_reads.c.case_id == person.case_id, people_reads.c.text_id.is_not(None))
    where = [sa.or_(people_reads.c.person_id == person.person_id, texts)]
    if before is not None:
        where.append(people_reads.c.read_id < before)
    return await rooms.people_reads.page(*where, limit=limit)


def read_view(one: Recorded) -> ReadView:
    read = one.read
    return ReadView(
        read_id=one.read_id,
        read_at=one.read_at,
        actor_id=read.actor_id,
        role=Role(read.role),
        operation=read.operation,
        request_id=read.request_id,
        text_id=read.text_id,
    )


def read_id_of(cursor: str | None) -> UUID | None:
    """The read after which a page begins. Raises BadCursorError."""
    try:
        return UUID(cursor) if cursor is not None else None
    except ValueError:
        raise BadCursorError(cursor) from None
