"""Which actors are one person, for admins: so that nobody reviews what they did under another key or token."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.approvals import NEEDS_TWO, waits_for_another
from secor_workflow.api.identities import Actor, check_actor
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import not_found, parse
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.domain.values import Email

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])


class PersonRequest(BaseModel):
    """Whose e-mail address it is. Its digest is kept, the address is not."""

    model_config = ConfigDict(extra="forbid", strict=True)

    email: Annotated[Email, Field(examples=["kim@example.com"])]


class ActorPersonView(BaseModel):
    """The person behind an actor, as far as separation of duties must know."""

    actor_id: str
    same_as: list[str] = Field(description="The other actor ids of the same person.")
    said_at: datetime | None = Field(description="When an admin said whose address it is; null: nobody did.")
    said_by: str | None


@router.put(
    "/v1/actors/{actor_id}/person",
    operation_id="link_person",
    summary="Say whose e-mail address is behind an actor",
    response_model=ActorPersonView,
    responses=NEEDS_TWO,
)
async def link_person(request: Request, actor_id: Actor, by: Admin, rooms: InRooms) -> Response:
    """Actors with one address are one person, as are an actor and a champion who has it. Safe to repeat.

    404 for an id that no key and no token has: a typing error would leave two actors where there is one person.
    """
    body, _ = await parse(request, PersonRequest)
    check_actor(actor_id)
    await check_known(actor_id, rooms)
    if not rooms.persons.is_said(actor_id, body.email) and (
        waiting := await waits_for_another(request, by, rooms, switch="admin_credentials", body=body, actor_id=actor_id)
    ):
        return waiting
    await rooms.persons.say(actor_id, body.email, by=by.id, now=rooms.clock.now())
    return _answer(actor_id, rooms)


@router.get(
    "/v1/actors/{actor_id}/person",
    operation_id="read_linked_person",
    summary="Which other actors are the same person",
    response_model=ActorPersonView,
)
async def read_linked_person(actor_id: Actor, _by: Admin, rooms: InRooms) -> Response:
    """By linked tokens, by verified addresses of tokens, and by what admins said."""
    check_actor(actor_id)
    return _answer(actor_id, rooms)


@router.delete(
    "/v1/actors/{actor_id}/person",
    operation_id="unlink_person",
    summary="Take back whose address is behind an actor",
    status_code=204,
    responses=NEEDS_TWO,
)
async def unlink_person(request: Request, actor_id: Actor, by: Admin, rooms: InRooms) -> Response:
    """What linked tokens tell stays."""
    check_actor(actor_id)
    if rooms.persons.said_of(actor_id) is None:
        raise not_found("statement about this actor")
    if waiting := await waits_for_another(request, by, rooms, switch="admin_credentials", actor_id=actor_id):
        return waiting
    await rooms.persons.forget(actor_id)
    return Response(status_code=204)


async def check_known(actor_id: str, rooms: Rooms) -> None:
    """Raises 404 for an actor whom nobody has met, after a look at what other processes may have made just now."""
    if _is_known(actor_id, rooms):
        return
    await rooms.keys.refresh()
    await rooms.identities.refresh()
    if not _is_known(actor_id, rooms):
        raise Problem(
            "not_found",
            "There is no such actor: no key was made for it, and nobody came with a token as it. Correct the id, or "
            "first create the key or link the subject.",
        )


def _is_known(actor_id: str, rooms: Rooms) -> bool:
    return rooms.keys.is_known(actor_id) or rooms.persons.is_known(actor_id)


def _answer(actor_id: str, rooms: Rooms) -> Response:
    said = rooms.persons.said_of(actor_id)
    view = ActorPersonView(
        actor_id=actor_id,
        same_as=sorted(rooms.persons.same_as(actor_id) - {actor_id}),
        said_at=said.said_at if said else None,
        said_by=said.said_by if said else None,
    )
    return Response(view.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
