"""Which letters were decided, and which will be if nothing changes."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from secor_notifier.api.callers import Reader, sees_case
from secor_notifier.api.cursors import bad_cursor, link_next, unwrap, unwrap_number, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.api.shapes import CaseId, Decision, Reminders, ReminderShape, Strict, Upcoming
from secor_notifier.domain.reminders import Owed, upcoming
from secor_notifier.ledger import Status
from secor_notifier.ledger.reading import Wanted

router = APIRouter(prefix="/v1/reminders", tags=["reminders"], responses=documented(400, 401, 403, 404, 422, 503))
Cursor = Annotated[str, Field(max_length=128)]
Limit = Annotated[int, Field(ge=1, le=500, description="Items of a page at most.")]


class ListQuery(Strict):
    case_id: CaseId | None = Field(default=None, description="Only of this case; an employer must name its own.")
    status: Status | None = Field(default=None, description="Only reminders that this became of.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


class UpcomingQuery(Strict):
    days: Annotated[int, Field(ge=0, le=366, description="How far to look ahead; 0 is today alone.")] = 14
    case_id: CaseId | None = Field(default=None, description="Only of this case; an employer must name its own.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


@router.get("", operation_id="list_reminders", summary="List reminders, oldest first")
async def reminders(
    query: Annotated[ListQuery, Query()], request: Request, response: Response, house: House, known: Reader
) -> Reminders:
    """Every letter that was ever decided: planned, sent, failed, or skipped with the reason."""
    await sees_case(known, house, query.case_id)
    after = unwrap_number(query.cursor) if query.cursor else 0
    page = await house.reading.page(Wanted(query.case_id, query.status, after, query.limit))
    cursor = wrap(str(page.next_after)) if page.next_after is not None else None
    response.headers.update(link_next(request, cursor))
    return Reminders(items=[ReminderShape.of(one) for one in page.items], next=cursor)


@router.get("/upcoming", operation_id="list_upcoming", summary="What will go out in the coming days if nothing changes")
async def coming(
    query: Annotated[UpcomingQuery, Query()], request: Request, response: Response, house: House, known: Reader
) -> Upcoming:
    """Derived from the watches and the rules: today's letters which are not out yet, and those of the days after."""
    await sees_case(known, house, query.case_id)
    found = sorted(await _derive(house, query), key=_place)
    if query.cursor:
        after = unwrap(query.cursor)
        if after.count("/") != 1:
            raise bad_cursor()
        found = [one for one in found if _place(one) > after]
    items = found[: query.limit]
    cursor = wrap(_place(items[-1])) if len(found) > len(items) else None
    response.headers.update(link_next(request, cursor))
    return Upcoming(items=[Decision.model_validate(Decision.fields_of(one)) for one in items], next=cursor)


async def _derive(house: Rooms, query: UpcomingQuery) -> list[Owed]:
    today = house.correspondence.clock.today()
    until = today + timedelta(days=query.days)
    if query.case_id:
        watches = list((await house.ledger.watches([query.case_id])).values())
    else:
        watches = await house.ledger.watches_to_look_at(until)
    found = [one for watch in watches for one in upcoming(watch, house.correspondence.rules, today, until)]
    decided = await house.reading.decided([one.reminder_id for one in found])
    return [one for one in found if one.reminder_id not in decided]


def _place(decision: Owed) -> str:
    return f"{decision.owed_on}/{decision.reminder_id}"
