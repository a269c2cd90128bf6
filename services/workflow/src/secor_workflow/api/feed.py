"""The feed: the log over HTTP, oldest first, with no gap; as pages, in bulk, live, and in fixed pages for caches."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.accept import best
from secor_workflow.api.access import FeedReader, Known, bearer, still_opens
from secor_workflow.api.live import Lasts, LiveResponse, while_it_lasts
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Parameters, not_found, not_modified, single
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.domain.events import FACTS
from secor_workflow.log.archives import ArchivedPositionError
from secor_workflow.log.envelope import short_type
from secor_workflow.log.log import StaleCursorError
from secor_workflow.log.tail import Wanted

router = APIRouter(tags=["feed"], dependencies=[Depends(bearer)])

BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
SSE = "text/event-stream"
JSON = "application/json"

PAGE = 1000
"""Positions in a fixed page; for ever, since caches hold them for ever."""
BULK = 1000
FOR_EVER = "private, max-age=31536000, immutable"


class FeedParameters(Parameters):
    after: str | None = Field(default=None, max_length=64, description="The cursor up to which you have read.")
    limit: int = Field(default=100, ge=1, le=1000, description="Events of a page at most.")
    type: list[str] = Field(default=[], description="Only events of these types, such as NoticeFiled.")
    case_id: UUID | None = Field(default=None, description="Only events of this case.")
    wait: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="Seconds to wait for something new; more than the service's most is cut, and `Wait-Limit` says so.",
    )
    lastEventId: str | None = Field(  # noqa: N815 (http-feeds.org's name)
        default=None, max_length=64, description="http-feeds.org: the id of the last event you have; or a cursor."
    )
    timeout: int | None = Field(default=None, ge=0, le=2**53, description="http-feeds.org: `wait`, in milliseconds.")

    @property
    def seconds(self) -> float:
        return self.wait if self.timeout is None else self.timeout / 1000


class HeadView(BaseModel):
    """Where the log ends. How far a consumer lags is a subtraction."""

    position: int
    cursor: str
    time: datetime


@router.get("/v1/events", operation_id="read_feed", summary="Read the feed")
async def read_feed(
    request: Request, actor: FeedReader, rooms: InRooms, credential: Known, ask: Annotated[FeedParameters, Query()]
) -> Response:
    """Events after a cursor: a page, in bulk up to the head, or live, as `Accept` says.

    `Next-Cursor` moves on even when nothing matched. A live stream is resumed by `Last-Event-ID`.
    """

    def lasts() -> bool:
        return still_opens(credential, rooms)

    wanted = Wanted(frozenset(_type(name) for name in ask.type), ask.case_id)
    form = best(",".join(request.headers.getlist("accept")), (BATCH, NDJSON, SSE, JSON))
    after = await _position(rooms, single(request, "last-event-id") or ask.after or ask.lastEventId)
    if form in {SSE, NDJSON}:
        await rooms.log.check_kept(after)
    if form == SSE:
        rooms.streams.check(actor.id)
        frames = rooms.tail.frames(after, wanted, rooms.settings.heartbeat_seconds)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        held = rooms.streams.held(actor.id)
        return LiveResponse(frames, SSE, headers, lasts=lasts, for_ever=True, held=held)
    if form == NDJSON:
        head = await rooms.log.head()
        headers = {"Next-Cursor": rooms.log.cursor(max(head, after)), "Cache-Control": "no-store", "Vary": "Accept"}
        return LiveResponse(_lines(rooms, after, head, wanted), NDJSON, headers, lasts=lasts, for_ever=False)
    if form is None:
        raise Problem("not_acceptable", f"The feed is given as {BATCH}, {NDJSON} or {SSE}.")
    if not ask.type and not ask.case_id:  # who reads it all
        rooms.measuring.readers.saw(actor, after)
    return await _page(request, rooms, ask, after, wanted, form, lasts)


async def _page(  # noqa: PLR0913 (all of a question)
    request: Request, rooms: Rooms, ask: FeedParameters, after: int, wanted: Wanted, form: str, lasts: Lasts
) -> Response:
    wait = min(ask.seconds, rooms.settings.max_wait_seconds)
    types = sorted(wanted.types)
    page = await rooms.log.page(after, ask.limit, types=types, case_id=wanted.case_id)
    if not page.texts and wait and await while_it_lasts(rooms.log.follow(page.scanned_to, wait), lasts):
        page = await rooms.log.page(page.scanned_to, ask.limit, types=types, case_id=wanted.case_id)
    following = rooms.log.cursor(page.scanned_to)
    query = [(k, v) for k, v in request.query_params.multi_items() if k not in {"after", "lastEventId"}]
    headers = {
        "Next-Cursor": following,
        "Link": f'<{request.url.path}?{urlencode([*query, ("after", following)])}>; rel="next"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    if wait < ask.seconds:
        headers["Wait-Limit"] = f"{wait:g}"
    return Response(f"[{','.join(page.texts)}]", media_type=form, headers=headers)


async def _lines(rooms: Rooms, after: int, head: int, wanted: Wanted) -> AsyncGenerator[bytes, None]:
    """One event a line, up to where the head was when we were asked; also while we stop.

    It was promised in `Next-Cursor`: whoever is given a clean end before that would never read the rest.
    """
    if wanted.all:
        async with aclosing(_everything(rooms, after, head)) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    types = sorted(wanted.types)
    while after < head:
        page = await rooms.log.page(after, BULK, types=types, case_id=wanted.case_id, up_to=head)
        after = page.scanned_to
        if page.texts:
            yield "\n".join([*page.texts, ""]).encode()


async def _everything(rooms: Rooms, after: int, head: int) -> AsyncGenerator[bytes, None]:
    """The texts as they are stored, up to the head; the next ones are read while the reader takes these."""

    def read(start: int) -> "asyncio.Future[Sequence[str]]":
        return asyncio.ensure_future(rooms.log.between(start, min(start + BULK, head)))

    following = read(after)
    try:
        for start in range(after, head, BULK):
            texts, following = await following, read(start + BULK)
            yield "\n".join([*texts, ""]).encode()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@router.get("/v1/events/head", operation_id="read_head", summary="Where the log ends", response_model=HeadView)
async def read_head(_actor: FeedReader, rooms: InRooms) -> Response:
    """The last position and its cursor: how far a consumer lags is a subtraction."""
    head = await rooms.log.head()
    view = HeadView(position=head, cursor=rooms.log.cursor(head), time=rooms.clock.now().astimezone(UTC))
    return Response(view.model_dump_json(), media_type=JSON, headers={"Cache-Control": "no-store"})


@router.get("/v1/events/pages/{number}", operation_id="read_fixed_page", summary="A fixed page of 1,000 positions")
async def read_fixed_page(
    request: Request,
    number: Annotated[int, Path(ge=1, le=10**12, description="1 holds positions 1 to 1,000.")],
    _actor: FeedReader,
    rooms: InRooms,
) -> Response:
    """Page n holds positions (n - 1) x 1,000 + 1 to n x 1,000. A full one never changes and may be kept for ever."""
    before = (number - 1) * PAGE
    try:
        page = await rooms.log.page(before, PAGE)
    except ArchivedPositionError as error:
        told = f"Page {number} was taken out of the log, into {', '.join(error.names)}."
        raise Problem("not_found", told, extra={"archives": [*error.names]}) from error
    if not page.texts:
        raise not_found("page yet: the log does not reach so far")
    full = len(page.texts) == PAGE
    headers = {
        "ETag": f'"{rooms.log.cursor(before + len(page.texts))}"',
        "Cache-Control": FOR_EVER if full else "private, no-cache",
        "Next-Cursor": rooms.log.cursor(page.scanned_to),
    }
    if full:
        headers["Link"] = f'</v1/events/pages/{number + 1}>; rel="next"'
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(f"[{','.join(page.texts)}]", media_type=BATCH, headers=headers)


async def _position(rooms: Rooms, given: str | None) -> int:
    """Where a caller has read to: by cursor, or by the id of the last event it has."""
    if not given:
        return 0
    try:
        event_id = UUID(given)
    except ValueError:
        return await _of_cursor(rooms, given)
    position = await rooms.log.position_of_event(event_id)
    if position is None:
        raise _stale(rooms, 0)
    return position


async def _of_cursor(rooms: Rooms, cursor: str) -> int:
    try:
        return await rooms.log.position_of(cursor)
    except StaleCursorError as error:
        raise _stale(rooms, error.last_common) from error


def _stale(rooms: Rooms, last_common: int) -> Problem:
    common = rooms.log.cursor(last_common)
    return Problem(
        "stale_cursor",
        f"The log no longer holds this cursor; read on from {common}.",
        extra={"last_common": common, "last_common_position": last_common},
    )


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
