"""People who want no reminders; dates that must be kept are told to the employer's other person and to staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from secor_notifier.api.callers import Editor, StaffReader
from secor_notifier.api.cursors import link_next, unwrap_id, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import UUID, Instant, Nothing, Strict
from secor_notifier.api.silences import ListQuery

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/opt-outs",
    tags=["silences"],
    responses=documented(401, 403, 422, 503),
)
NoQuery = Annotated[Nothing, Query()]


class OptOutWish(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": "01930000-0000-7000-8000-00000000000c"}]})

    person_id: Annotated[str, Field(pattern=UUID, description="The id of a person, as the workflow gave it.")]


class OptOutShape(BaseModel):
    person_id: str
    since: Instant
    author: str = Field(description="The actor who recorded it, or by what way the person said so.")


class OptOutsShape(BaseModel):
    items: list[OptOutShape]
    next: str | None


@router.post(
    "",
    operation_id="opt_out",
    summary="Record that a person wants no reminders",
    dependencies=[Depends(only_json)],
    responses=documented(400, 409, 413, 415),
    response_model=OptOutShape,
)
async def opt_out(wish: OptOutWish, _query: NoQuery, house: House, known: Editor, only_once: OnlyOnce) -> object:
    """Letters about what has happened still go out; the same wish twice is one."""

    async def work() -> OptOutShape:
        person_id = wish.person_id.lower()
        await house.wishes.opt_out(person_id, known.caller.actor_id, house.correspondence.clock.now())
        return await _found(house, person_id)

    return await only_once.answer(known, work)


@router.get("", operation_id="list_opt_outs", summary="List who wants no reminders", responses=documented(400))
async def listed(
    query: Annotated[ListQuery, Query()], request: Request, response: Response, house: House, _known: StaffReader
) -> OptOutsShape:
    """By the people's ids; no names."""
    found = await house.wishes.opted_out(unwrap_id(query.cursor) if query.cursor else "", query.limit + 1)
    items = [OptOutShape(person_id=who, since=since, author=author) for who, since, author in found[: query.limit]]
    cursor = wrap(items[-1].person_id) if len(found) > query.limit else None
    response.headers.update(link_next(request, cursor))
    return OptOutsShape(items=items, next=cursor)


@router.delete(
    "/{person_id}",
    operation_id="opt_in",
    summary="Record that a person wants reminders again",
    status_code=204,
    responses=documented(404),
)
async def opt_in(
    person_id: Annotated[str, Path(pattern=UUID, description="The id of a person.")],
    _query: NoQuery,
    house: House,
    _known: Editor,
) -> None:
    """What is owed by then goes out."""
    if not await house.wishes.opt_in(person_id.lower()):
        raise Problem("not_found", "This person has not opted out.")


async def _found(house: House, person_id: str) -> OptOutShape:
    since, author = await house.wishes.opt_out_of(person_id)
    return OptOutShape(person_id=person_id, since=since, author=author)
