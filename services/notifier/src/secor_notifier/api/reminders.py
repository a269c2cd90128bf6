"""Which letters were decided and what became of them, and which are to come; a dead one may be sent again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, TypeAdapter, ValidationError

from secor_notifier.api.callers import CaseReader, Editor, ReaderOfIts, sees
from secor_notifier.api.cursors import bad_cursor, link_next, unwrap, unwrap_number, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House
from secor_notifier.api.segments import THING
from secor_notifier.api.shapes import (
    UUID,
    CaseId,
    Comes,
    Coming,
    Nothing,
    Reminders,
    ReminderShape,
    Strict,
)
from secor_notifier.domain.skip import Cause
from secor_notifier.ledger import Reminder, Status
from secor_notifier.ledger.reading import Wanted
from secor_notifier.plan import Ahead, Mark

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/reminders",
    tags=["reminders"],
    responses=documented(401, 404, 422, 503),
)
Cursor = Annotated[str, Field(max_length=256)]
Limit = Annotated[int, Field(ge=1, le=500, description="Items of a page at most.")]
Who = Annotated[str, Field(pattern=rf"{UUID}|^staff$|^worksafebc$")]
ONLY_TO = "Only to this person's id, `staff`, `worksafebc`."
LetterName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
ReminderId = Annotated[str, Path(pattern=UUID, description="The id of a reminder.")]
NoQuery = Annotated[Nothing, Query()]
MARK: TypeAdapter[Mark] = TypeAdapter(Mark)
NO_SUCH = Problem("not_found", "There is no such reminder.")


class ListQuery(Strict):
    case_id: CaseId | None = Field(default=None, description="Only of this case; an employer must name its own.")
    status: Status | None = Field(default=None, description="Only reminders that this became of.")
    recipient: Who | None = Field(default=None, description=ONLY_TO)
    letter: LetterName | None = Field(default=None, description="Only this letter.")
    cause: Cause | None = Field(default=None, description="Only those skipped for this cause.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


class UpcomingQuery(Strict):
    days: Annotated[int, Field(ge=0, le=366, description="How far to look ahead; 0 is today alone.")] = 14
    case_id: CaseId | None = Field(default=None, description="Only of this case; an employer must name its own.")
    recipient: Who | None = Field(default=None, description=ONLY_TO)
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


@router.get("", operation_id="list_reminders", summary="List reminders, oldest first", responses=documented(400, 403))
async def reminders(
    query: Annotated[ListQuery, Query()], request: Request, response: Response, house: House, _known: CaseReader
) -> Reminders:
    """Every letter that was ever decided, with what became of it; `status=dead` lists those given up."""
    after = unwrap_number(query.cursor) if query.cursor else 0
    wanted = Wanted(
        query.case_id, query.status, query.recipient, query.letter, query.cause, after=after, limit=query.limit
    )
    page = await house.reading.page(wanted)
    cursor = wrap(str(page.next_after)) if page.next_after is not None else None
    response.headers.update(link_next(request, cursor))
    return Reminders(items=[ReminderShape.of(one) for one in page.items], next=cursor)


@router.get(
    "/upcoming",
    operation_id="list_upcoming",
    summary="What comes up in the coming days if nothing changes",
    responses=documented(400, 403),
)
async def coming(
    query: Annotated[UpcomingQuery, Query()], request: Request, response: Response, house: House, _known: CaseReader
) -> Coming:
    """Derived from the watches and the rules: what will go out, when and why; and what will not, and why not. Each is
    judged as it will be at its hour, by the case as it stands and by what people have asked for: a silence that is over
    by then stops nothing, and a reminder that one keeps back goes out when it ends, if it is still owed.

    First what is decided and waits for its hour, soonest first; then case by case, first those whose day is next. A
    page may hold fewer items than `limit`: only `next: null` is the end.
    """
    ahead = Ahead(query.days, query.case_id, query.recipient)
    page = await house.plan.page(ahead, _mark(query.cursor) if query.cursor else None, query.limit)
    cursor = wrap(MARK.dump_json(page.next).decode()) if page.next else None
    response.headers.update(link_next(request, cursor))
    return Coming(items=[Comes.of(one) for one in page.items], next=cursor)


@router.get(f"/{{reminder_id:{THING}}}", operation_id="read_reminder", summary="Read a reminder")
async def one(reminder_id: ReminderId, _query: NoQuery, house: House, known: ReaderOfIts) -> ReminderShape:
    """The decision, and what became of it."""
    reminder = await _found(house, reminder_id)
    if not await sees(known, house, reminder.decision.case_id):
        raise NO_SUCH
    return ReminderShape.of(reminder)


@router.post(
    f"/{{reminder_id:{THING}}}:resend",
    operation_id="resend_reminder",
    summary="Send a letter again",
    responses=documented(400, 403, 409),
    response_model=ReminderShape,
)
async def resend(reminder_id: ReminderId, _query: NoQuery, house: House, known: Editor, only_once: OnlyOnce) -> object:
    """A letter that is dead, that may or may not have arrived, or that came back; it keeps its Message-ID, and it is
    asked once more whether the case still owes it.
    """

    async def work() -> ReminderShape:
        await _found(house, reminder_id)
        if not await house.outbox.resend(reminder_id.lower(), house.correspondence.clock.now()):
            raise Problem("not_resendable", "Only a letter that is dead, unknown or came back can be sent again.")
        return ReminderShape.of(await _found(house, reminder_id))

    return await only_once.answer(known, work)


def _mark(cursor: str) -> Mark:
    try:
        return MARK.validate_json(unwrap(cursor))
    except ValidationError:
        raise bad_cursor() from None


async def _found(house: House, reminder_id: str) -> Reminder:
    reminder = await house.reading.one(reminder_id.lower())
    if reminder is None:
        raise NO_SUCH
    return reminder
