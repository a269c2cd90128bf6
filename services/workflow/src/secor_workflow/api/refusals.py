"""Refusals on record: what is noted of a request that was refused, and how admins read it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.problems import Problem
from secor_workflow.api.rates import address_of
from secor_workflow.api.requests import Instant, Parameters
from secor_workflow.api.rooms import InRooms, rooms_of
from secor_workflow.database.tables import refusals
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import ActorId
from secor_workflow.log.log import BadCursorError
from secor_workflow.refusals import Recorded, Refusal

router = APIRouter(tags=["keys"], dependencies=[Depends(bearer)])

UNAUTHENTICATED, FORBIDDEN = 401, 403


class RefusalParameters(Parameters):
    actor_id: ActorId | None = Field(default=None, description="Only of this caller.")
    case_id: UUID | None = Field(default=None, description="Only about this case.")
    operation: str | None = Field(default=None, max_length=100, description="Only of this operation, such as read_me.")
    code: str | None = Field(default=None, max_length=100, description="Only with this problem code.")
    status: int | None = Field(default=None, ge=400, le=499, description="Only with this status.")
    since: Instant | None = Field(default=None, description="Only from this instant on, by the real clock.")
    until: Instant | None = Field(default=None, description="Only before this instant.")
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200, description="Refusals of a page at most.")


class RefusalView(BaseModel):
    """A request that was refused: who asked for what, and why not. Neither its body nor its credential is kept."""

    refusal_id: UUID
    recorded_at: datetime = Field(description="By the real clock.")
    actor_id: str | None = Field(description="Null: nobody was let in.")
    role: Role | None
    address: str
    operation: str | None = Field(description="The operation's id; null: there is none at the path.")
    case_id: UUID | None
    status: int
    code: str
    why: str = Field(description="What was wrong with the credential, or every guard that refused.")
    times: int = Field(description="How often within a few seconds.")


class RefusalPage(BaseModel):
    items: list[RefusalView]
    next: str | None = Field(description="The cursor of the next page, if there is more.")


@router.get("/v1/refusals", operation_id="list_refusals", summary="Find refusals", response_model=RefusalPage)
async def list_refusals(
    request: Request, _actor: Admin, rooms: InRooms, find: Annotated[RefusalParameters, Query()]
) -> Response:
    """Failed authentications, forbidden requests and what guards refused, newest first; kept for a while."""
    await rooms.refusals.write()
    found = await rooms.refusals.page(*_where(find), limit=find.limit + 1)
    items = [_view(one) for one in found[: find.limit]]
    following = str(items[-1].refusal_id) if len(found) > find.limit else None
    headers = {"Cache-Control": "no-store"}
    if following:
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
        headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", following)])}>; rel="next"'
    body = RefusalPage(items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


def note(request: Request, problem: Problem, case_id: UUID | None = None) -> None:
    """Put a problem on record, if it is a refusal: of a credential, of a role, or by a guard.

    Which case it was about says the path, if nobody else does.
    """
    if problem.status not in {UNAUTHENTICATED, FORBIDDEN} and "blockers" not in problem.extra:
        return
    actor = request.scope.get("actor")
    rooms_of(request).refusals.note(
        Refusal(
            actor_id=actor.id if actor else None,
            role=actor.role if actor else None,
            address=address_of(request),
            operation=getattr(request.scope.get("route"), "operation_id", None),
            case_id=case_id or _case(request),
            status=problem.status,
            code=problem.code,
            why=problem.why,
        )
    )


def _case(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params.get("case_id", ""))
    except ValueError:
        return None


def _view(one: Recorded) -> RefusalView:
    told = asdict(one)
    return RefusalView(**told.pop("refusal"), **told)


def _where(find: RefusalParameters) -> list[sa.ColumnElement[bool]]:
    column = refusals.c
    where = [
        column[name] == value
        for name in ("actor_id", "case_id", "operation", "code", "status")
        if (value := getattr(find, name)) is not None
    ]
    if find.since is not None:
        where.append(column.recorded_at >= find.since)
    if find.until is not None:
        where.append(column.recorded_at < find.until)
    if find.cursor is not None:
        try:
            where.append(column.refusal_id < UUID(find.cursor))
        except ValueError:
            raise BadCursorError(find.cursor) from None
    return where
