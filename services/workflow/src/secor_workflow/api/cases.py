"""Reading cases: one, as it is or was; many; their history; the package for WorkSafeBC."""

import base64
import binascii
from datetime import date
from itertools import takewhile
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import CaseFinder, CaseReader, PackageReader, bearer
from secor_workflow.api.answers import etag
from secor_workflow.api.package import PackageView, package
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, Instant, Parameters, not_found, not_modified, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.api.views import CaseView, case_view
from secor_workflow.asking import may_see
from secor_workflow.database.tables import cases
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.roads import STATES
from secor_workflow.domain.values import LocalDate
from secor_workflow.log.log import BadCursorError, Log

router = APIRouter(tags=["cases"], dependencies=[Depends(bearer)])

FRESHNESS_SECONDS = 10.0


class CaseParameters(Parameters):
    as_of: Instant | None = Field(default=None, description="The case as it was at this instant (RFC 3339).")
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="The case as it was at this version.")
    min_position: int | None = Field(
        default=None, ge=0, le=2**62, description="Wait until the log has reached this position."
    )


class ListParameters(Parameters):
    state: list[str] = Field(default=[], description="Only cases in one of these states.")
    due_before: LocalDate | None = Field(default=None, description="Only cases that have a deadline before this date.")
    overdue: bool | None = Field(default=None, description="Only cases that have, or have not, missed a deadline.")
    q: str | None = Field(
        default=None, min_length=1, max_length=100, description="Part of a name or of the WorkSafeBC account."
    )
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200, description="Cases of a page at most.")


class CaseSummary(BaseModel):
    case_id: UUID
    state: str
    version: int
    position: int
    legal_name: str
    worksafebc_account: str
    earliest_due_on: date | None = Field(description="The earliest of its deadlines.")
    overdue: bool = Field(description="Whether it has missed a deadline that is still open.")
    href: str


class CasePage(BaseModel):
    items: list[CaseSummary]
    next: str | None = Field(description="The cursor of the next page, if there is more.")


@router.get("/v1/cases", operation_id="list_cases", summary="Find cases", response_model=CasePage)
async def list_cases(
    request: Request, actor: CaseFinder, rooms: InRooms, find: Annotated[ListParameters, Query()]
) -> Response:
    """Cases in the order in which they were registered; an employer finds its own."""
    found = await rooms.log.rows(*_where(actor, find), limit=find.limit + 1)
    more = len(found) > find.limit
    items = [CaseSummary.model_validate({**row, "href": f"/v1/cases/{row['case_id']}"}) for row in found[: find.limit]]
    following = _cursor(items[-1].case_id) if more else None
    headers = {"Cache-Control": "no-store"}
    if following:
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
        headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", following)])}>; rel="next"'
    body = CasePage(items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


def _where(actor: Actor, find: ListParameters) -> list[sa.ColumnElement[bool]]:
    if unknown := sorted({*find.state} - {*STATES}):
        raise Problem(
            "invalid_request",
            f"There is no state {unknown[0]}; they are {', '.join(STATES)}.",
            errors=[{"pointer": "/state", "detail": f"one of {', '.join(STATES)}"}],
        )
    where: list[sa.ColumnElement[bool]] = []
    if actor.role is Role.EMPLOYER:
        where.append(cases.c.worksafebc_account == actor.account)
    if find.state:
        where.append(cases.c.state.in_(find.state))
    if find.due_before:
        where.append(cases.c.earliest_due_on < find.due_before)
    if find.overdue is not None:
        where.append(cases.c.overdue.is_(find.overdue))
    if find.q:
        where.append(cases.c.search.contains(_searchable(find.q), autoescape=True))
    if find.cursor:
        where.append(cases.c.case_id > _position(find.cursor))
    return where


def _searchable(q: str) -> str:
    if "\x00" in q:
        raise Problem("invalid_request", "`q` may not contain NUL.", errors=[{"pointer": "/q", "detail": "no NUL"}])
    return q.casefold()


def _cursor(case_id: UUID) -> str:
    return base64.urlsafe_b64encode(case_id.bytes).decode().rstrip("=")


def _position(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise BadCursorError(cursor) from None


@router.get("/v1/cases/{case_id}", operation_id="read_case", summary="Read one case", response_model=CaseView)
async def read_case(
    request: Request, case_id: Id, actor: CaseReader, rooms: InRooms, when: Annotated[CaseParameters, Query()]
) -> Response:
    """The case as it is now, or as it was at an instant or a version."""
    patience = min(FRESHNESS_SECONDS, rooms.settings.max_wait_seconds)
    if when.min_position is not None and not await has_come_to(rooms.log, when.min_position, patience):
        raise Problem("not_there_yet", f"The log has not reached position {when.min_position} yet.")
    past = await rooms.log.events_of(uuid_of(case_id), at=when.min_position)
    case = fold(uuid_of(case_id), past)
    if not may_see(actor, case):
        raise not_found()
    # A beginning, never a selection: a clock may have been set back between two events.
    then = list(takewhile(lambda event: _was_there(event, when), past))
    if not then or (when.version is not None and when.version > case.version):
        raise not_found("version of this case")
    shown = fold(case.case_id, then)
    headers = {"ETag": etag(shown), "Cache-Control": "private, no-cache"}
    if not_modified(request, etag(shown)):
        return Response(status_code=304, headers=headers)
    view = case_view(shown, rooms.circumstances.context(actor), past=shown.version < case.version)
    return Response(view.model_dump_json(), media_type="application/json", headers=headers)


async def has_come_to(log: Log, position: int, patience: float) -> bool:
    """A process that is about to stop waits for nobody, but what is in the log already it still tells."""
    return await log.follow(position - 1, patience) or (log.released and await log.head() >= position)


def _was_there(event: Event, when: CaseParameters) -> bool:
    by_version = when.version is None or event.version <= when.version
    return by_version and (when.as_of is None or event.recorded_at <= when.as_of)


@router.get("/v1/cases/{case_id}/events", operation_id="read_history", summary="Read a case's history")
async def read_history(case_id: Id, actor: CaseReader, rooms: InRooms) -> Response:
    """Every event of the case, oldest first, as the feed gives them."""
    await _visible(case_id, actor, rooms)
    texts = [text for _, text in await rooms.log.texts_of(uuid_of(case_id))]
    body = f'{{"items":[{",".join(texts)}],"next":null}}'
    return Response(body, media_type="application/json", headers={"Cache-Control": "private, no-cache"})


@router.get(
    "/v1/cases/{case_id}/worksafebc-package",
    operation_id="read_worksafebc_package",
    summary="The audit's details for WorkSafeBC",
    response_model=PackageView,
)
async def read_package(case_id: Id, actor: PackageReader, rooms: InRooms) -> Response:
    """What is forwarded once the review is passed."""
    case = await _visible(case_id, actor, rooms)
    view = package(case, rooms.circumstances.context(actor).policy_of(case))
    if view is None:
        raise Problem("not_found", f"A package exists once the review is passed; this case is {case.state}.")
    return Response(view.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _visible(case_id: str, actor: Actor, rooms: InRooms) -> Case:
    case = await rooms.log.case(uuid_of(case_id))
    if not may_see(actor, case):
        raise not_found()
    return case
