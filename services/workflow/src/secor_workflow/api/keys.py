"""API keys over HTTP, for admins; and who am I, for everybody."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from secor_workflow.api.access import Admin, AnyCaller, Known, bearer
from secor_workflow.api.approvals import NEEDS_TWO, waits_for_another
from secor_workflow.api.identities import THE_SYSTEM
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, Instant, idempotency_key, not_found, parse, uuid_of, written_as_duration
from secor_workflow.api.rooms import InRooms
from secor_workflow.clock import true_now
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import AccountNumber, ActorId, OpenLine
from secor_workflow.keys import Key, KeyEndedError

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])

KeyRole = Literal["employer", "staff", "qa_reviewer", "integration", "reader", "admin", "notifier"]
LONGEST_OVERLAP = timedelta(days=30)
OF_ITS_OWN = "a new one, made up from the role"
SECRET = {"Cache-Control": "no-store"}


def _of_somebody(actor_id: str) -> str:
    if actor_id in THE_SYSTEM:
        raise ValueError(f"As {actor_id} the system itself acts; choose another id.")
    return actor_id


class KeyRequest(BaseModel):
    """A new key. An employer's is bound to one WorkSafeBC account; no other has one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: KeyRole = Field(examples=["staff"])
    actor_id: Annotated[ActorId, AfterValidator(_of_somebody)] | None = Field(
        default=None, description="Who acts with it; made up from the role if not given."
    )
    name: OpenLine = Field(default="unnamed", description="What it is for, to recognise it by.")
    worksafebc_account: AccountNumber | None = None
    expires_at: Instant | None = Field(
        default=None, strict=False, description="When it ends, by the real clock; never if not given.", examples=[None]
    )


class RotateRequest(BaseModel):
    """How long the old key opens beside the new one, and when the new one ends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    overlap: Annotated[timedelta, Ge(timedelta(0)), Le(LONGEST_OVERLAP), BeforeValidator(written_as_duration)] = Field(
        default=timedelta(days=1), strict=False, examples=["P1D"], description="Such as PT12H; P30D at most."
    )
    expires_at: Instant | None = Field(
        default=None,
        strict=False,
        description="When the new key ends; must be said if the old one had an end.",
        examples=[None],
    )


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
    expires_at: datetime | None = Field(description="When it ends; by the real clock, also in a sandbox.")
    last_used_at: datetime | None = Field(description="To the minute; by the real clock.")
    replaces: UUID | None = Field(description="The key that was rotated into this one.")


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
    key_id: UUID = Field(description="Of a token: an id that is always its subject's; there is no such key.")


@router.get("/v1/me", operation_id="read_me", summary="Who am I")
async def read_me(credential: Known, _actor: AnyCaller) -> MeView:
    """Whose credential this is: actor, role, and an employer's account."""
    return MeView(
        actor_id=credential.actor.id,
        role=credential.actor.role,
        name=credential.name,
        worksafebc_account=credential.actor.account,
        key_id=credential.id,
    )


@router.get("/v1/keys", operation_id="list_keys", summary="List keys")
async def list_keys(_actor: Admin, rooms: InRooms) -> KeyList:
    """Every key that was ever made, revoked ones too; never the secrets."""
    return KeyList(items=[KeyView.model_validate(key, from_attributes=True) for key in rooms.keys.all()])


@router.post(
    "/v1/keys",
    operation_id="create_key",
    summary="Create a key",
    status_code=201,
    response_model=NewKeyView,
    responses=NEEDS_TWO,
)
async def create_key(request: Request, actor: Admin, rooms: InRooms) -> Response:
    """The answer holds `key`, once; only its SHA-256 is kept.

    For a key of role admin the policy may ask for four eyes.
    """
    body, _ = await parse(request, KeyRequest)
    if (body.role == "employer") is not (body.worksafebc_account is not None):
        detail = "An employer's key names its worksafebc_account; no other key does."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/worksafebc_account", "detail": detail}])
    _is_ahead(body.expires_at)
    again = idempotency_key(request)
    if body.role == "admin" and not await rooms.keys.was_made(by=actor.id, idempotency_key=again):
        about = {"role": body.role, "actor_id": body.actor_id or OF_ITS_OWN, "name": body.name}
        if waiting := await waits_for_another(request, actor, rooms, switch="admin_credentials", body=body, **about):
            return waiting
    key, secret = await rooms.keys.create(
        actor_id=body.actor_id,
        role=Role(body.role),
        name=body.name,
        account=body.worksafebc_account,
        by=actor.id,
        now=rooms.clock.now(),
        expires_at=body.expires_at,
        idempotency_key=again,
    )
    same = (key.role, key.worksafebc_account, key.name) == (body.role, body.worksafebc_account, body.name)
    if not same or body.actor_id not in {None, key.actor_id} or key.replaces:
        raise Problem("idempotency_key_reused", "This idempotency key was used for another API key.")
    return _new(key, secret)


@router.post(
    "/v1/keys/{key_id}:rotate",
    operation_id="rotate_key",
    summary="Rotate a key",
    status_code=201,
    response_model=NewKeyView,
    responses=NEEDS_TWO,
)
async def rotate_key(request: Request, key_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """A second key of the same actor, shown once; the first one ends after `overlap`.

    For another admin's key the policy may ask for four eyes: whoever rotates it can act as that admin.
    """
    body, _ = await parse(request, RotateRequest)
    old = rooms.keys.find(uuid_of(key_id))
    if old is None:
        raise not_found("key")
    _is_ahead(body.expires_at)
    if old.expires_at is not None and body.expires_at is None and old.opens:
        detail = "The key was to end, and so must the new one: say when in `expires_at`."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/expires_at", "detail": detail}])
    again = idempotency_key(request)
    another_s = old.role is Role.ADMIN and old.actor_id not in rooms.persons.same_as(actor.id)
    if another_s and old.opens and not await rooms.keys.was_made(by=actor.id, idempotency_key=again):
        about = {"role": old.role.value, "actor_id": old.actor_id, "name": old.name}
        if waiting := await waits_for_another(request, actor, rooms, switch="admin_credentials", body=body, **about):
            return waiting
    try:
        key, secret = await rooms.keys.rotate(
            old.key_id,
            overlap=body.overlap,
            expires_at=body.expires_at,
            by=actor.id,
            now=rooms.clock.now(),
            idempotency_key=again,
        )
    except KeyEndedError:
        raise Problem("key_ended", "The key was revoked or has expired: create a new one.") from None
    if key.replaces != old.key_id:
        raise Problem("idempotency_key_reused", "This idempotency key was used for another API key.")
    return _new(key, secret)


@router.get("/v1/keys/{key_id:kept}", operation_id="read_key", summary="Read a key")
async def read_key(key_id: Id, _actor: Admin, rooms: InRooms) -> KeyView:
    """One key, without its secret."""
    key = rooms.keys.find(uuid_of(key_id))
    if key is None:
        raise not_found("key")
    return KeyView.model_validate(key, from_attributes=True)


@router.delete("/v1/keys/{key_id:kept}", operation_id="revoke_key", summary="Revoke a key", status_code=204)
async def revoke_key(key_id: Id, _actor: Admin, rooms: InRooms) -> Response:
    """It opens nothing from now on. Safe to repeat."""
    if rooms.keys.find(uuid_of(key_id)) is None:
        raise not_found("key")
    await rooms.keys.revoke(uuid_of(key_id), rooms.clock.now())
    return Response(status_code=204)


def _new(key: Key, secret: str | None) -> Response:
    fields = KeyView.model_validate(key, from_attributes=True).model_dump()
    headers = {**SECRET, "Location": f"/v1/keys/{key.key_id}", **({} if secret else {"Idempotency-Replayed": "true"})}
    view = NewKeyView(**fields, key=secret).model_dump_json()
    return Response(view, status_code=201, media_type="application/json", headers=headers)


def _is_ahead(end: datetime | None) -> None:
    """A key that would never open is a mistake."""
    if end is not None and end <= true_now():
        detail = "A key cannot end before it begins; write an instant to come, such as 2030-01-01T00:00:00Z."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/expires_at", "detail": detail}])
