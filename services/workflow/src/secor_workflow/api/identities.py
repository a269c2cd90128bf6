"""Who stands behind a token, for admins: so that a person behind a key and a token is one actor."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.approvals import NEEDS_TWO, waits_for_another
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.credentials.claims import LONGEST_SUBJECT
from secor_workflow.credentials.identities import Identity, LinkedElsewhereError, derived
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import ActorId

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SUBJECT, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
THE_SYSTEM = frozenset({"clock", "command-line"})
"""Under these ids the system itself acts: what they did nobody else shall have done."""
_ACTOR = TypeAdapter(ActorId)
Actor = Annotated[str, Path(description="Who acts.", examples=["clerk"])]


class IdentityRequest(BaseModel):
    """A subject of a provider, as its tokens name it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    issuer: Text = Field(examples=["https://login.example.org/realms/secor"], description="The tokens' `iss`.")
    subject: Text = Field(
        examples=["6c1f4a52-9d0e-4b53-8a53-0d8f9f1a2b3c"], description="The tokens' `sub`, or what stands for it."
    )


class IdentityView(BaseModel):
    """Whoever comes with a token of this subject acts as this actor."""

    identity_id: UUID
    actor_id: str
    issuer: str
    subject: str
    derived_actor_id: str = Field(description="As whom it acted, and would act again, without the link.")
    linked_at: datetime | None = Field(description="Null: nobody said so; the actor is the derived one.")
    linked_by: str | None
    role: Role | None = Field(description="Of the last token that was seen.")
    last_seen_at: datetime | None = Field(description="To the minute; by the real clock.")
    known: bool = Field(
        description="Whether anything else knows the actor: a key, another subject, a statement whose address it is. "
        "False: is its id written right? With a typing error one person is two actors."
    )


class IdentityList(BaseModel):
    items: list[IdentityView]


@router.put(
    "/v1/actors/{actor_id}/identities",
    operation_id="link_identity",
    summary="Link a subject to an actor",
    response_model=IdentityView,
    responses=NEEDS_TWO,
)
async def link_identity(request: Request, actor_id: Actor, by: Admin, rooms: InRooms) -> IdentityView | Response:
    """From now on a token of this subject and the actor's keys are one and the same person. Safe to repeat.

    An actor may have no key, so a new id is taken; `known` then is false.
    """
    body, _ = await parse(request, IdentityRequest)
    check_actor(actor_id)
    if body.issuer not in rooms.tokens.issuers:
        detail = "No token of this issuer opens anything here; the settings name those that do."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/issuer", "detail": detail}])
    about = _about(actor_id, body.issuer, body.subject)
    if not rooms.identities.is_linked(actor_id, body.issuer, body.subject) and (
        waiting := await waits_for_another(request, by, rooms, switch="admin_credentials", body=body, **about)
    ):
        return waiting
    try:
        identity = await rooms.identities.link(actor_id, body.issuer, body.subject, by=by.id, now=rooms.clock.now())
    except LinkedElsewhereError as error:
        raise Problem("linked_elsewhere", f"The subject is already linked to {error.actor_id}.") from None
    await rooms.keys.refresh()  # a key that another process made a moment ago is known too
    return _view(identity, rooms)


@router.get("/v1/actors/{actor_id}/identities", operation_id="list_identities", summary="Who stands behind an actor")
async def list_identities(actor_id: Actor, _by: Admin, rooms: InRooms) -> IdentityList:
    """The subjects linked to an actor; of an actor that nobody linked, the one it is derived from."""
    check_actor(actor_id)
    found = rooms.identities.of(actor_id)
    return IdentityList(items=[_view(one, rooms) for one in found])


@router.delete(
    "/v1/actors/{actor_id}/identities/{identity_id}",
    operation_id="unlink_identity",
    summary="Unlink a subject",
    status_code=204,
    responses=NEEDS_TWO,
)
async def unlink_identity(request: Request, actor_id: Actor, identity_id: Id, by: Admin, rooms: InRooms) -> Response:
    """Its tokens open as before, but as the actor derived from issuer and subject."""
    wanted = uuid_of(identity_id)
    found = next((one for one in rooms.identities.of(actor_id) if one.identity_id == wanted), None)
    if found is None:
        raise not_found("identity")
    about = _about(actor_id, found.issuer, found.subject)
    if waiting := await waits_for_another(request, by, rooms, switch="admin_credentials", body=None, **about):
        return waiting
    await rooms.identities.unlink(wanted)
    return Response(status_code=204)


def _about(actor_id: str, issuer: str, subject: str) -> dict[str, str]:
    """What an approver should know; a subject may be somebody's address, so what it is derived to stands for it."""
    return {"actor_id": actor_id, "issuer": issuer, "derived_actor_id": derived(issuer, subject)}


def _view(identity: Identity, rooms: Rooms) -> IdentityView:
    fields = {name: getattr(identity, name) for name in IdentityView.model_fields if name != "known"}
    return IdentityView(**fields, known=_is_known_besides(identity, rooms))


def _is_known_besides(identity: Identity, rooms: Rooms) -> bool:
    """Whether the actor is somebody without this link."""
    actor_id = identity.actor_id
    others = any(one.identity_id != identity.identity_id for one in rooms.identities.of(actor_id))
    said = rooms.persons.said_of(actor_id) is not None
    return others or said or actor_id == identity.derived_actor_id or rooms.keys.is_known(actor_id)


def check_actor(actor_id: str) -> None:
    """Raises 404 for what can be nobody's id."""
    if actor_id in THE_SYSTEM:
        raise not_found("actor: under this id the system itself acts")
    try:
        _ACTOR.validate_python(actor_id)
    except ValidationError:
        raise not_found("actor: its id has 1 to 100 letters, digits, `.`, `_`, `:` or `-`") from None
