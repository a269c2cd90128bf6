"""The sandbox's clock: set it, and when the answer comes everything due at that time has been done."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter, ValidationError

from secor_notifier.api.callers import Clockmaker
from secor_notifier.api.documented import documented
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.rooms import House
from secor_notifier.api.shapes import ClockShape, Nothing, SetClock
from secor_notifier.worker import NotActiveError

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/sandbox/clock",
    tags=["sandbox"],
    responses=documented(401, 403, 422, 503),
)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
DURATION = TypeAdapter(timedelta)


@router.get("", operation_id="read_clock", summary="What time it is in the sandbox")
async def clock(_query: Annotated[Nothing, Query()], house: House, _known: Clockmaker) -> ClockShape:
    """The notifier's present instant."""
    return ClockShape(now=house.correspondence.clock.now())


def only_json(request: Request) -> None:
    """A body of another kind is told so, and not read as if it were JSON."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("unsupported_media_type", "Send application/json.")


@router.put(
    "",
    operation_id="set_clock",
    summary="Set the sandbox's clock, or move it forward",
    dependencies=[Depends(only_json)],
    responses=documented(400, 413, 415),
)
async def set_clock(
    wish: SetClock, _query: Annotated[Nothing, Query()], house: House, _known: Clockmaker
) -> ClockShape:
    """Returns when the feed has been read to its head and every letter due at that time has been tried."""
    clock = house.correspondence.clock
    by = _forward(wish)

    async def move() -> None:
        ahead = clock.ahead_for(_within_reason(wish.now)) if wish.now else clock.ahead + by
        _within_reason(datetime.now(UTC) + ahead)
        await house.ledger.set_clock_ahead(ahead)
        clock.ahead = ahead

    try:
        await house.worker.catch_up(move)
    except NotActiveError:
        raise Problem("not_active", "This process stands by; another one reads and sends.") from None
    for errand in house.errands:
        await errand.work()
    return ClockShape(now=clock.now())


def _forward(wish: SetClock) -> timedelta:
    """By how much to go forward; nothing when an instant is given instead."""
    if (wish.now is None) == (wish.advance is None):
        raise invalid("", "Give either `now` or `advance`.")
    if wish.advance is None:
        return timedelta(0)
    if not wish.advance.startswith("P"):
        raise invalid("/advance", "Give an ISO 8601 duration such as P14D or PT12H.")
    try:
        by = DURATION.validate_python(wish.advance)
    except ValidationError:
        raise invalid("/advance", "Give an ISO 8601 duration such as P14D or PT12H.") from None
    if by > LATEST - EARLIEST or by < timedelta(0):
        raise invalid("/advance", "Go forward, and at most two hundred years.")
    return by


def _within_reason(instant: datetime) -> datetime:
    if not EARLIEST <= instant <= LATEST:
        raise invalid("", "The sandbox's clock goes from the year 2000 to 2200.")
    return instant
