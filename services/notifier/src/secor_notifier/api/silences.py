"""Silences: quiet for a while about some letters, with an author, an end and a reason."""

from datetime import UTC, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from uuid_utils import uuid7

from secor_notifier.api.callers import Editor, StaffReader
from secor_notifier.api.cursors import link_next, unwrap_id, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.known_names import check_deadline
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.reminders import Cursor, LetterName, Limit, Who
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import UUID, CaseId, Instant, Nothing, Strict
from secor_notifier.domain.circumstances import Matcher, Silence
from secor_notifier.domain.letters import names
from secor_notifier.domain.recipients import Role

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/silences",
    tags=["silences"],
    responses=documented(401, 403, 422, 503),
)
LONGEST = timedelta(days=366)
SilenceId = Annotated[str, Path(pattern=UUID, description="The id of a silence.")]
NoQuery = Annotated[Nothing, Query()]
Comment = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


class MatcherShape(Strict):
    """Which reminders: all that is given must fit, and something must be given."""

    case_id: CaseId | None = None
    deadline: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")] | None = None
    letter: LetterName | None = None
    recipient: Who | None = Field(
        default=None, description="Only reminders to this person's id, `staff`, `worksafebc`."
    )
    recipient_role: Role | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("Name at least one thing; everything at once cannot be silenced.")
        return self


class SilenceWish(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "matcher": {"deadline": "audit_submission", "recipient_role": "contact"},
                    "until": "2027-02-01T08:00:00-07:00",
                    "comment": "The employer has a flood; go2HR is in touch by phone.",
                }
            ]
        }
    )

    matcher: MatcherShape
    until: AwareDatetime = Field(description="At most a year ahead.")
    comment: Comment = Field(description="Why. No names of people.")


class SilenceChange(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"until": "2027-03-01T08:00:00-07:00", "comment": "It takes longer."}]}
    )

    until: AwareDatetime
    comment: Comment


class SilenceShape(BaseModel):
    silence_id: str
    matcher: MatcherShape
    until: Instant
    author: str = Field(description="The actor who asked for it.")
    comment: str
    created_at: Instant
    in_force: bool


class SilencesShape(BaseModel):
    items: list[SilenceShape]
    next: str | None


class ListQuery(Strict):
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


@router.post(
    "",
    operation_id="create_silence",
    summary="Silence some letters for a while",
    status_code=201,
    dependencies=[Depends(only_json)],
    responses=documented(400, 409, 413, 415),
    response_model=SilenceShape,
)
async def create(  # noqa: PLR0913 - FastAPI gives a route what it names
    wish: SilenceWish,
    _query: NoQuery,
    request: Request,
    response: Response,
    house: House,
    known: Editor,
    only_once: OnlyOnce,
) -> object:
    """What it covers is recorded as skipped. A reminder still owed when it ends goes out then; news does not."""

    async def work() -> SilenceShape:
        await check_deadline(house, "/matcher/deadline", wish.matcher.deadline)
        if wish.matcher.letter not in {None, *names()}:
            raise invalid("/matcher/letter", f"There is no such letter. There are: {', '.join(sorted(names()))}.")
        now = house.correspondence.clock.now()
        matcher = Matcher(**wish.matcher.model_dump(mode="json"))
        author = known.caller.actor_id
        silence = Silence(str(uuid7()), matcher, _sensible(house, wish.until), author, wish.comment, now)
        await house.wishes.keep(silence)
        response.status_code = 201
        response.headers["Location"] = f"{request.url.path}/{silence.silence_id}"
        return _shape(house, silence)

    return await only_once.answer(known, work)


@router.get("", operation_id="list_silences", summary="List silences", responses=documented(400))
async def listed(
    query: Annotated[ListQuery, Query()], request: Request, response: Response, house: House, _known: StaffReader
) -> SilencesShape:
    """All there ever were, in the order in which they were made."""
    found = await house.wishes.silences(unwrap_id(query.cursor) if query.cursor else "", query.limit + 1)
    items = found[: query.limit]
    cursor = wrap(items[-1].silence_id) if len(found) > query.limit else None
    response.headers.update(link_next(request, cursor))
    return SilencesShape(items=[_shape(house, one) for one in items], next=cursor)


@router.get("/{silence_id}", operation_id="read_silence", summary="Read a silence", responses=documented(404))
async def one(silence_id: SilenceId, _query: NoQuery, house: House, _known: StaffReader) -> SilenceShape:
    """What it covers, until when, and why."""
    return _shape(house, await _found(house, silence_id))


@router.put(
    "/{silence_id}",
    operation_id="change_silence",
    summary="Give a silence another end",
    dependencies=[Depends(only_json)],
    responses=documented(400, 404, 413, 415),
)
async def change(
    silence_id: SilenceId, wish: SilenceChange, _query: NoQuery, house: House, _known: Editor
) -> SilenceShape:
    """What it covers stays; for other letters make another one."""
    before = await _found(house, silence_id)
    silence = Silence(
        before.silence_id, before.matcher, _sensible(house, wish.until), before.author, wish.comment, before.created_at
    )
    await house.wishes.keep(silence)
    return _shape(house, silence)


@router.delete("/{silence_id}", operation_id="end_silence", summary="End a silence now", responses=documented(404))
async def end(silence_id: SilenceId, _query: NoQuery, house: House, _known: Editor) -> SilenceShape:
    """It stays in the list, since it still explains what was not sent."""
    await house.wishes.end(await _found(house, silence_id), house.correspondence.clock.now())
    return _shape(house, await _found(house, silence_id))


async def _found(house: House, silence_id: str) -> Silence:
    silence = await house.wishes.silence(silence_id.lower())
    if silence is None:
        raise Problem("not_found", "There is no such silence.")
    return silence


def _sensible(house: House, until: AwareDatetime) -> AwareDatetime:
    now = house.correspondence.clock.now()
    if not now < until <= now + LONGEST:
        told = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise invalid(
            "/until", f"A silence ends in the future, and within a year: it is {told} by the notifier's clock."
        )
    return until


def _shape(house: House, silence: Silence) -> SilenceShape:
    return SilenceShape(
        silence_id=silence.silence_id,
        matcher=MatcherShape.model_validate(silence.matcher, from_attributes=True),
        until=silence.until,
        author=silence.author,
        comment=silence.comment,
        created_at=silence.created_at,
        in_force=silence.until > house.correspondence.clock.now(),
    )
