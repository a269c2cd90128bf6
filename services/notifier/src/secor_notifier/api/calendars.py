"""Calendars over HTTP: made and revoked with a key, read without one by whoever has the address."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from secor_notifier.api.callers import CalendarMaker, CalendarOwner, CalendarsList, Known, sees_case
from secor_notifier.api.cursors import link_next, unwrap_id, wrap
from secor_notifier.api.documented import TEXT, documented
from secor_notifier.api.known_names import check_deadlines
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import SEE_ALL, Guarded, public
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.reminders import Cursor, Limit
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import UUID, CaseId, Instant, Nothing, Strict
from secor_notifier.api.webhook_shapes import DeadlineName
from secor_notifier.calendars.diary import Scope
from secor_notifier.calendars.subscriptions import Subscription, TooManyCalendarsError

router = APIRouter(route_class=Guarded, tags=["calendars"])
HOME = "/v1/calendars"
MEDIA_TYPE = "text/calendar; charset=utf-8"
NOT_MODIFIED = 304
NoQuery = Annotated[Nothing, Query()]


class Filter(Strict):
    """Which deadlines of all cases; an empty one means all that fall due soon."""

    owner: Literal["employer", "staff"] | None = Field(default=None, description="Only those which they owe.")
    deadlines: Annotated[list[DeadlineName], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Only deadlines of these names."
    )
    days_ahead: Annotated[int, Field(ge=1, le=3660)] | None = Field(
        default=None, description="How far to look; a good season if not said. What is overdue is always shown."
    )


class NewCalendar(Strict):
    """Exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["case_id"]}, {"required": ["filter"]}],
            "examples": [{"filter": {"owner": "staff"}}],
        }
    )

    case_id: CaseId | None = None
    filter: Filter | None = Field(default=None, description="Many cases; not for employers.")


class CalendarShape(BaseModel):
    """A calendar; its address is not among what is told."""

    calendar_id: str
    made_by: str = Field(description="The actor who made it; that their key has ended does not end it.")
    case_id: str | None
    owner: Literal["employer", "staff"] | None = Field(description="Whose deadlines it shows; all if empty.")
    deadlines: list[str] | None
    days_ahead: int | None
    made_at: Instant

    @staticmethod
    def fields_of(made: Subscription) -> dict[str, object]:
        return {
            "calendar_id": made.calendar_id,
            "made_by": made.owner,
            "case_id": made.scope.case_id,
            "owner": made.scope.owner,
            "deadlines": list(made.scope.deadlines) or None,
            "days_ahead": made.scope.days_ahead,
            "made_at": made.made_at,
        }


class CalendarWithUrl(CalendarShape):
    """Told once."""

    url: str | None = Field(
        description="Keep it to yourself: whoever has it can read the calendar. "
        "It is never told again, not even to the same request repeated."
    )


class CalendarsShape(BaseModel):
    items: list[CalendarShape]
    next: str | None = Field(description="The cursor of the next page, if there is one.")


class CalendarsQuery(Strict):
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


@router.post(
    HOME,
    operation_id="create_calendar",
    summary="Get an address for a calendar program",
    status_code=201,
    response_model=CalendarWithUrl,
    dependencies=[Depends(only_json)],
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def create(
    wish: NewCalendar, _query: NoQuery, response: Response, house: House, known: CalendarMaker, only_once: OnlyOnce
) -> Response | BaseModel:
    """A case's deadlines, or those of many cases. An employer gets its own case, and of that what it owes itself."""

    async def work() -> CalendarWithUrl:
        scope = await _scope(wish, known, house)
        try:
            made, token = await house.library.make(known.caller.actor_id, scope)
        except TooManyCalendarsError:
            most = house.library.policy.at_most
            raise Problem("too_many_calendars", f"You have {most} calendars, and may have no more.") from None
        response.status_code = 201
        response.headers["Location"] = f"{HOME}/{made.calendar_id}"
        url = f"{house.public_url.rstrip('/')}/calendars/{token}.ics"
        return CalendarWithUrl.model_validate({**CalendarShape.fields_of(made), "url": url})

    response.headers["Cache-Control"] = "no-store"
    return await only_once.answer(known, work, told_once="url")


async def _scope(wish: NewCalendar, known: Known, house: House) -> Scope:
    if (wish.case_id is None) == (wish.filter is None):
        raise invalid("", "Give either `case_id` or `filter`.")
    if wish.filter is None:
        await sees_case(known, house, wish.case_id)
        if not await house.identity.sees(known.credential, str(wish.case_id)):
            raise Problem("not_found", "There is no such case.")
        return Scope(case_id=wish.case_id, owner="employer" if known.caller.role == "employer" else None)
    if known.caller.role == "employer":
        raise Problem("forbidden", "An employer must name its case with `case_id`.")
    await check_deadlines(house, "/filter/deadlines", wish.filter.deadlines or ())
    days_ahead = wish.filter.days_ahead or house.library.policy.days_ahead
    return Scope(owner=wish.filter.owner, deadlines=tuple(wish.filter.deadlines or ()), days_ahead=days_ahead)


@router.get(
    HOME, operation_id="list_calendars", summary="List calendars", responses=documented(400, 401, 403, 422, 503)
)
async def listed(
    query: Annotated[CalendarsQuery, Query()], request: Request, response: Response, house: House, known: CalendarsList
) -> CalendarsShape:
    """In the order in which they were made: staff and admins see all, others their own."""
    after = unwrap_id(query.cursor) if query.cursor else ""
    found = await house.library.subscriptions.page(_owner(known), after, query.limit)
    items = found[: query.limit]
    cursor = wrap(items[-1].calendar_id) if len(found) > query.limit else None
    response.headers.update(link_next(request, cursor))
    shapes = [CalendarShape.model_validate(CalendarShape.fields_of(one)) for one in items]
    return CalendarsShape(items=shapes, next=cursor)


@router.delete(
    HOME + "/{calendar_id}",
    operation_id="revoke_calendar",
    summary="Revoke a calendar's address",
    status_code=204,
    responses=documented(401, 403, 404, 422, 503),
)
async def revoke(
    calendar_id: Annotated[str, Path(pattern=UUID, description="The id of a calendar.")],
    _query: NoQuery,
    house: House,
    known: CalendarOwner,
) -> None:
    """From then on there is nothing at it."""
    if not await house.library.subscriptions.revoke(calendar_id.lower(), _owner(known)):
        raise Problem("not_found", "There is no such calendar, or it is not yours.")


@router.get(
    "/calendars/{token}.ics",
    operation_id="read_calendar",
    summary="Read a calendar",
    response_class=Response,
    dependencies=[Depends(public("Its address is the secret: calendar programs have no key."))],
    responses={
        200: {"content": {"text/calendar": {"schema": TEXT}}},
        304: {"description": "It is what you have."},
        **documented(404, 422, 503),
    },
)
async def read(
    token: Annotated[str, Path(description="What makes the address private.", examples=["3q2-7w"])],
    _query: NoQuery,
    house: House,
    known_tags: Annotated[str, Header(alias="If-None-Match", description="An `ETag` that you have.")] = "",
) -> Response:
    """As iCalendar (RFC 5545): an all-day event for each deadline, with alarms. Needs no key but the address itself."""
    sheet = await house.library.read(token)
    if sheet is None:
        raise Problem("not_found", "There is no calendar at this address; it may have been revoked.")
    tag = f'"{sheet.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    if {tag, "*"} & {one.strip().removeprefix("W/") for one in known_tags.split(",")}:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(await sheet.written(), media_type=MEDIA_TYPE, headers=headers)


def _owner(known: Known) -> str | None:
    return None if known.caller.role in SEE_ALL else known.caller.actor_id
