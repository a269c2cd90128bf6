"""API keys over HTTP, for admins; and who am I, for everybody."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.api.access import Admin, bearer, key_of
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, idempotency_key, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import AccountNumber, ActorId, Line
from secor_workflow.keys import Key

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])

KeyRole = Literal["employer", "staff", "qa_reviewer", "integration", "reader", "admin", "notifier"]
SECRET = {"Cache-Control": "no-store"}


class KeyRequest(BaseModel):
    """A new key. An employer's is bound to one WorkSafeBC account; no other has one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: KeyRole = Field(examples=["staff"])
    actor_id: ActorId | None = Field(default=None, description="Who acts with it; made up from the role if not given.")
    name: Line = Field(default="unnamed", description="What it is for, to recognise it by.")
    worksafebc_account: AccountNumber | None = None


class KeyView(BaseModel):
    key_id: UUID
    actor_id: str
    role: Role
    name: str
    worksafebc_account: str | None
    prefix: str = Field(description="The key's first characters.")
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


class NewKeyView(KeyView):
    key: str | None = Field(description="The key itself: shown once, kept nowhere. Null when the request is repeated.")


class KeyList(BaseModel):
    items: list[KeyView]


class MeView(BaseModel):
    """Whose credential this is."""

    actor_id: str
    role: Role
    name: str
    worksafebc_account: str | None
    key_id: UUID


@router.get("/v1/me", operation_id="read_me", summary="Who am I")
async def read_me(key: Annotated[Key, Depends(key_of)]) -> MeView:
    """Whose credential this is: actor, role, and an employer's account."""
    return MeView(
        actor_id=key.actor_id,
        role=key.role,
        name=key.name,
        worksafebc_account=key.worksafebc_account,
        key_id=key.key_id,
    )


@router.get("/v1/keys", operation_id="list_keys", summary="List keys")
async def list_keys(_actor: Admin, rooms: InRooms) -> KeyList:
    """Every key that was ever made, revoked ones too; never the secrets."""
    return KeyList(items=[KeyView.model_validate(key, from_attributes=True) for key in rooms.keys.all()])


@router.post("/v1/keys", operation_id="create_key", summary="Create a key", status_code=201, response_model=NewKeyView)
async def create_key(request: Request, actor: Admin, rooms: InRooms) -> Response:
    """The answer holds `key`, once; only its SHA-256 is kept."""
    body, _ = await parse(request, KeyRequest)
    if (body.role == "employer") is not (body.worksafebc_account is not None):
        detail = "An employer's key names its worksafebc_account; no other key does."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/worksafebc_account", "detail": detail}])
    again = idempotency_key(request)
    key, secret = await rooms.keys.create(
        actor_id=body.actor_id,
        role=Role(body.role),
        name=body.name,
        account=body.worksafebc_account,
        by=actor.id,
        now=rooms.clock.now(),
        idempotency_key=again,
    )
    same = (key.role, key.worksafebc_account, key.name) == (body.role, body.worksafebc_account, body.name)
    if not same or body.actor_id not in {None, key.actor_id}:
        raise Problem("idempotency_key_reused", "This idempotency key was used for another API key.")
    fields = KeyView.model_validate(key, from_attributes=True).model_dump()
    headers = {**SECRET, "Location": f"/v1/keys/{key.key_id}", **({} if secret else {"Idempotency-Replayed": "true"})}
    view = NewKeyView(**fields, key=secret).model_dump_json()
    return Response(view, status_code=201, media_type="application/json", headers=headers)


@router.get("/v1/keys/{key_id}", operation_id="read_key", summary="Read a key")
async def read_key(key_id: Id, _actor: Admin, rooms: InRooms) -> KeyView:
    """One key, without its secret."""
    key = rooms.keys.find(uuid_of(key_id))
    if key is None:
        raise not_found("key")
    return KeyView.model_validate(key, from_attributes=True)


@router.delete("/v1/keys/{key_id}", operation_id="revoke_key", summary="Revoke a key", status_code=204)
async def revoke_key(key_id: Id, _actor: Admin, rooms: InRooms) -> Response:
    """It opens nothing from now on. Safe to repeat."""
    if rooms.keys.find(uuid_of(key_id)) is None:
        raise not_found("key")
    await rooms.keys.revoke(uuid_of(key_id), rooms.clock.now())
    return Response(status_code=204)
