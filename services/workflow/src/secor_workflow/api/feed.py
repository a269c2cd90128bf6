"""The feed: the log over HTTP, oldest first, with no gap."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from secor_workflow.api.access import FeedReader, bearer
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Parameters
from secor_workflow.api.rooms import InRooms
from secor_workflow.domain.events import FACTS
from secor_workflow.log.envelope import short_type
from secor_workflow.log.log import StaleCursorError

router = APIRouter(tags=["feed"], dependencies=[Depends(bearer)])

BATCH = "application/cloudevents-batch+json"


class FeedParameters(Parameters):
    after: str | None = Field(default=None, max_length=64, description="The cursor up to which you have read.")
    limit: int = Field(default=100, ge=1, le=1000)
    type: list[str] = Field(default=[], description="Only events of these types, such as NoticeFiled.")
    case_id: UUID | None = Field(default=None, description="Only events of this case.")
    wait: float = Field(
        default=0, ge=0, le=3600, description="Seconds to wait for something new; more than the service's most is cut."
    )


@router.get("/v1/events", operation_id="read_feed", summary="Read the feed")
async def read_feed(
    request: Request, _actor: FeedReader, rooms: InRooms, ask: Annotated[FeedParameters, Query()]
) -> Response:
    """A page of events after a cursor. `Next-Cursor` moves on even when nothing matched."""
    types = [_type(name) for name in ask.type]
    try:
        after = await rooms.log.position_of(ask.after) if ask.after else 0
    except StaleCursorError as error:
        common = rooms.log.cursor(error.last_common)
        raise Problem(
            "stale_cursor",
            f"The log no longer holds this cursor; read on from {common}.",
            extra={"last_common": common, "last_common_position": error.last_common},
        ) from error
    wait = min(ask.wait, rooms.settings.max_wait_seconds)
    page = await rooms.log.page(after, ask.limit, types=types, case_id=ask.case_id)
    if not page.texts and wait and await rooms.log.follow(page.scanned_to, wait):
        page = await rooms.log.page(page.scanned_to, ask.limit, types=types, case_id=ask.case_id)
    following = rooms.log.cursor(page.scanned_to)
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "after"]
    headers = {
        "Next-Cursor": following,
        "Link": f'<{request.url.path}?{urlencode([*query, ("after", following)])}>; rel="next"',
        "Cache-Control": "no-store",
    }
    if wait < ask.wait:
        headers["Wait-Limit"] = f"{wait:g}"
    return Response(f"[{','.join(page.texts)}]", media_type=BATCH, headers=headers)


def _type(name: str) -> str:
    try:
        return short_type(name)
    except KeyError:
        known = ", ".join(FACTS)
        raise Problem(
            "invalid_request",
            f"There is no event type {name[:100]}; they are {known}.",
            errors=[{"pointer": "/type", "detail": f"one of {known}"}],
        ) from None
