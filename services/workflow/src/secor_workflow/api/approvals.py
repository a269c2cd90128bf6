"""Four eyes over HTTP: a request that needs a second admin is answered with 202, and done once it is approved."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.erase_requests import EraseRequest
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, Parameters, not_found, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.approvals import Approval, ApprovalClosedError, OwnRequestError, State, Wanted
from secor_workflow.domain.context import Actor

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])

Switch = Literal["erasure", "admin_credentials"]


class ApprovalParameters(Parameters):
    limit: int = Field(default=50, ge=1, le=200, description="The last so many, newest first.")


class ApprovalView(BaseModel):
    """A request that another admin must approve; then whoever asked sends it again, and it is done."""

    approval_id: UUID
    operation: str = Field(description="What was asked for: the operation's id, such as erase_person.")
    path: str = Field(description="Where it was sent.")
    about: dict[str, str] = Field(description="What the approver should know besides; nothing personal.")
    state: State = Field(description="`approved`: to be carried out by whoever asked; `used`: that was done.")
    asked_by: str
    asked_at: datetime
    expires_at: datetime = Field(description="Until then it can be approved and carried out.")
    approved_at: datetime | None
    approved_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    used_at: datetime | None


class ApprovalList(BaseModel):
    items: list[ApprovalView]


NEEDS_TWO: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ApprovalView,
        "description": "Nothing was done yet: the policy asks for four eyes. Once another admin has approved, "
        "send the same request again.",
    }
}
"""What an operation that may need a second admin says of it."""


async def waits_for_another(
    request: Request, actor: Actor, rooms: Rooms, *, switch: Switch, body: BaseModel | None = None, **about: str
) -> Response | None:
    """None if it may be done now: the policy asks for no second admin, or one has approved just this request.

    To be called once the request is known to be right, and only if it was not done before.
    """
    now = rooms.clock.now()
    four_eyes = rooms.policies.on(rooms.clock.local_day(now)).four_eyes
    if not getattr(four_eyes, switch).value:
        return None
    if isinstance(body, EraseRequest):
        about |= {"reason": "given, in words that are kept beside once it is done"}
    operation, path = request.scope["route"].operation_id, request.url.path
    told = "\n".join((operation, path, body.model_dump_json() if body else ""))
    wanted = Wanted(operation=operation, path=path, about=about, digest=hashlib.sha256(told.encode()).hexdigest())
    same, days = rooms.persons.same_as(actor.id), four_eyes.approval_days.value
    waiting = await rooms.approvals.use(wanted, by=actor.id, same=same, days=days, now=now)
    return None if waiting is None else _answer(waiting, now, 202)


@router.get("/v1/approvals", operation_id="list_approvals", summary="What waits for a second admin")
async def list_approvals(_actor: Admin, rooms: InRooms, ask: Annotated[ApprovalParameters, Query()]) -> ApprovalList:
    """What was asked for under the four-eyes rule, newest first, whatever became of it."""
    now = rooms.clock.now()
    return ApprovalList(items=[_view(one, now) for one in await rooms.approvals.newest(ask.limit)])


@router.get("/v1/approvals/{approval_id:kept}", operation_id="read_approval", summary="Read an approval")
async def read_approval(approval_id: Id, _actor: Admin, rooms: InRooms) -> ApprovalView:
    """Who asked for what, and how it stands."""
    found = await rooms.approvals.find(uuid_of(approval_id))
    if found is None:
        raise not_found("approval")
    return _view(found, rooms.clock.now())


@router.post(
    "/v1/approvals/{approval_id}:approve",
    operation_id="approve_request",
    summary="Approve what another admin asked for",
    response_model=ApprovalView,
)
async def approve_request(approval_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """Whoever asked may now send the same request again, and it is done. Nobody approves their own. Safe to repeat."""
    now, same = rooms.clock.now(), rooms.persons.same_as(actor.id)
    try:
        found = await rooms.approvals.approve(uuid_of(approval_id), by=actor.id, same=same, now=now)
    except OwnRequestError:
        raise Problem("own_request", "You asked for this yourself; another admin must approve it.") from None
    except ApprovalClosedError:
        raise _closed() from None
    return _found(found, now)


@router.post(
    "/v1/approvals/{approval_id}:withdraw",
    operation_id="withdraw_request",
    summary="Withdraw or decline a request",
    response_model=ApprovalView,
)
async def withdraw_request(approval_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """It can be neither approved nor carried out any more. Safe to repeat."""
    now = rooms.clock.now()
    try:
        found = await rooms.approvals.withdraw(uuid_of(approval_id), by=actor.id, now=now)
    except ApprovalClosedError:
        raise _closed() from None
    return _found(found, now)


def _closed() -> Problem:
    return Problem("approval_closed", "It was carried out or withdrawn, or its time is over; ask anew if need be.")


def _found(found: Approval | None, now: datetime) -> Response:
    if found is None:
        raise not_found("approval")
    return _answer(found, now, 200)


def _answer(approval: Approval, now: datetime, status: int) -> Response:
    headers = {"Location": f"/v1/approvals/{approval.approval_id}", "Cache-Control": "no-store"}
    return Response(_view(approval, now).model_dump_json(), status, headers, media_type="application/json")


def _view(approval: Approval, now: datetime) -> ApprovalView:
    return ApprovalView.model_validate(
        {name: getattr(approval, name) for name in ApprovalView.model_fields if name != "state"}
        | {"state": approval.state(now)}
    )
