"""The sandbox's clock: an integrator lives through three years in a minute. Without sandbox mode it is not there."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from annotated_types import Ge, Le
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Instant, parse, written_as_duration
from secor_workflow.api.rooms import InRooms

router = APIRouter(tags=["sandbox"], dependencies=[Depends(bearer)])

EARLIEST, LATEST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2089, 12, 31, tzinfo=UTC)


class ClockRequest(BaseModel):
    """Exactly one of the two."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"advance": "P14D"}]})

    now: Annotated[Instant, Ge(EARLIEST), Le(LATEST)] | None = None
    advance: (
        Annotated[timedelta, Ge(timedelta(0)), Le(timedelta(days=36525)), BeforeValidator(written_as_duration)] | None
    ) = None


class ClockView(BaseModel):
    now: datetime
    today: str


@router.get("/v1/sandbox/clock", operation_id="read_clock", summary="Read the sandbox's clock")
async def read_clock(_actor: Admin, rooms: InRooms) -> ClockView:
    """The service's present instant, and the local day it belongs to."""
    return _view(rooms)


@router.put("/v1/sandbox/clock", operation_id="set_clock", summary="Set the sandbox's clock, or advance it")
async def set_clock(request: Request, _actor: Admin, rooms: InRooms) -> ClockView:
    """When this answers, everything that is due at the new time has been done."""
    body, _ = await parse(request, ClockRequest)
    if (body.now is None) is (body.advance is None):
        raise Problem("invalid_request", 'Give exactly one of "now" (an instant) and "advance" (such as "P14D").')
    now = body.now or rooms.clock.now() + (body.advance or timedelta())
    if now > LATEST:
        raise Problem("invalid_request", f"The sandbox's clock ends on {LATEST.date()}.")
    await rooms.clock.set(rooms.log.engine, now.astimezone(UTC))
    await rooms.catch_up()
    return _view(rooms)


def _view(rooms: InRooms) -> ClockView:
    now = rooms.clock.now()
    return ClockView(now=now, today=str(rooms.clock.local_day(now)))
