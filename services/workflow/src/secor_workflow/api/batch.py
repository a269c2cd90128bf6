"""Many commands in one request: a line of JSON each, and for each a line that says what became of it."""

import asyncio
import time
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import from_json, to_json
from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.api.access import CaseFinder, bearer
from secor_workflow.api.answers import as_problem
from secor_workflow.api.commands import HAVE_THEIR_OWN_ROUTE, NOES, OPENING, elsewhere, over_http
from secor_workflow.api.in_words import VISIBLE
from secor_workflow.api.problems import Problem, ProblemView, told
from secor_workflow.api.refusals import note
from secor_workflow.api.requests import body_of, idempotency_key, if_match, read, single
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.database.engine import is_away
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Actor
from secor_workflow.domain.in_the_open import in_the_open
from secor_workflow.domain.roads import BY_SLUG
from secor_workflow.handler import Ask
from secor_workflow.logs import logger

router = APIRouter(tags=["commands"], dependencies=[Depends(bearer)])

NDJSON = "application/x-ndjson"
MOST_LINES = 1000
AT_ONCE = 200
"""Lines of one batch that are decided at the same time: they share their commits, and leave room for others."""
TURN_SECONDS = 0.001
"""How long a batch is read before whoever else waits has a turn; a long line may take longer."""
_log = logger(__name__)


class BatchLine(BaseModel):
    """One command of a batch."""

    model_config = ConfigDict(extra="forbid")

    command: str = Field(max_length=100, examples=["record-standing"], description="As it is called in its URL.")
    case_id: UUID | None = Field(
        default=None,
        examples=["0195c1d0-5ec0-7000-8000-000000000003"],
        description="Which case; of `register-employer`, none.",
    )
    body: dict[str, Any] = Field(
        default={}, examples=[{"good": True, "as_of": "2026-11-01"}], description="What the command's own route takes."
    )
    idempotency_key: Annotated[str, Field(pattern=VISIBLE), AfterValidator(in_the_open)] | None = Field(
        default=None,
        examples=["standing-2026-11-0042"],
        description="Makes this line safe to repeat, in another batch or alone.",
    )
    if_match: int | None = Field(
        default=None, ge=0, le=999_999_999, description="Only if the case is still at this version."
    )
    dry_run: bool = Field(default=False, description="Same checks, same answer, nothing written.")


class BatchOutcome(BaseModel):
    """What became of one line: the event that was written, or why there is none."""

    line: int = Field(description="Which line of the request, from 1 on.")
    status: int = Field(description="What the command's own route would have answered with.")
    replayed: bool = Field(default=False, description="It had been done before with this key; nothing was done again.")
    event: dict[str, Any] | None = Field(default=None, description="As it stands in the log.")
    problem: ProblemView | None = Field(default=None, description="As the command's own route would have told it.")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    asked: Ask | Problem
    case_id: UUID | None = None


@router.post(
    "/v1/commands:batch",
    operation_id="send_batch",
    summary="Send many commands at once",
    response_class=Response,
)
async def send_batch(request: Request, actor: CaseFinder, rooms: InRooms) -> Response:
    """Up to 1,000 commands of many cases, one JSON object a line; the answer has a line for each, in the same order.

    Each line stands or falls alone, under the same rules as when it is sent by itself: a wrong one stops none of the
    others. Lines of one case, and lines with the same key, are done one after the other as they stand; others at the
    same time. If no answer comes, send the same lines again: those with a key that was used are answered, not repeated.
    """
    lines = await _lines(await _body(request, rooms), actor, rooms.settings.max_body_bytes)
    if lines[1:]:
        rooms.rates.take(request, actor.id, len(lines) - 1)  # the first was counted with the request
    outcomes = await _Batch(request, rooms).run(lines)
    return Response(b"".join(outcomes), media_type=NDJSON, headers={"Cache-Control": "no-store"})


async def _body(request: Request, rooms: Rooms) -> list[tuple[int, bytes]]:
    """The lines with their numbers; empty ones are passed over."""
    media_type = (single(request, "content-type") or "").split(";")[0].strip().lower()
    if media_type != NDJSON:
        raise Problem("unsupported_media_type", f"Send one JSON object a line, with `Content-Type: {NDJSON}`.")
    if idempotency_key(request) is not None or if_match(request) is not None:
        raise Problem("bad_header", "A batch has no key and no version of its own: give each line its own.")
    raw = await body_of(request, rooms.settings.max_batch_bytes)
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if not lines:
        raise Problem("invalid_request", "There is no command in the batch.")
    if len(lines) > MOST_LINES:
        raise Problem("body_too_large", f"A batch has {MOST_LINES} commands at most; this one has {len(lines)}.")
    return lines


async def _lines(raw: list[tuple[int, bytes]], actor: Actor, longest: int) -> list[_Line]:
    lines, since = [], time.perf_counter()
    for number, text in raw:
        try:
            lines.append(_read(number, text, actor, longest))
        except Problem as problem:
            lines.append(_Line(number, problem))
        if time.perf_counter() - since > TURN_SECONDS:  # a large batch takes long to read: others have their turns
            await asyncio.sleep(0)
            since = time.perf_counter()
    return lines


def _read(number: int, text: bytes, actor: Actor, longest: int) -> _Line:
    """One line as an ask. Raises what is wrong with it."""
    if len(text) > longest:
        raise Problem("body_too_large", f"A line may have {longest} bytes at most.")
    try:
        said = from_json(text)
    except ValueError as error:
        raise Problem("malformed_json", f"The line is not JSON: {error}.") from error
    slug = said.get("command") if isinstance(said, dict) else None
    command = BY_SLUG.get(slug) if isinstance(slug, str) else None
    if command is not None and (command in HAVE_THEIR_OWN_ROUTE or not over_http(command)):
        raise elsewhere(command.slug)
    line = read(_model(command.wish) if command else BatchLine, text)
    if command is None:
        raise elsewhere(line.command)
    if (command is OPENING) is not (line.case_id is None):
        rule = "is sent without a `case_id`" if command is OPENING else "needs a `case_id`"
        detail = f"{command.slug} {rule}."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/case_id", "detail": detail}])
    assert isinstance(line.body, Wish)  # noqa: S101 (the model of this very command)
    ask = Ask(
        actor=actor,
        wish=line.body,
        body=to_json(said["body"]) if "body" in said else b"",
        idempotency_key=line.idempotency_key,
        if_match=line.if_match,
        dry_run=line.dry_run,
    )
    return _Line(number, ask, line.case_id)


@cache
def _model(wish: type[Wish]) -> type[BatchLine]:
    """A line whose body is this wish, so that all that is wrong with it has its place in the line."""
    default: Any = Field(default_factory=dict, validate_default=True)
    return create_model(f"{wish.__name__}Line", __base__=BatchLine, body=(wish, default))


class _Batch:
    """The lines of one request on their way."""

    def __init__(self, request: Request, rooms: Rooms) -> None:
        self._request, self._rooms = request, rooms
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, lines: list[_Line]) -> list[bytes]:
        """Each waits for the line before it that has the same case or the same key; the rest go on at once."""
        before: dict[UUID | str, asyncio.Task[bytes]] = {}
        tasks = []
        for line in lines:
            names = _names(line)
            waits_for = [before[name] for name in names if name in before]
            task = asyncio.create_task(self._after(waits_for, line))
            before |= dict.fromkeys(names, task)
            tasks.append(task)
        return await asyncio.gather(*tasks)

    async def _after(self, others: list[asyncio.Task[bytes]], line: _Line) -> bytes:
        if others:
            await asyncio.wait(others)
        async with self._room:
            return await self._outcome(line)

    async def _outcome(self, line: _Line) -> bytes:
        if isinstance(line.asked, Problem):
            return self._refused(line, line.asked)
        try:
            answer = await self._rooms.handler.handle(line.case_id, line.asked)
        except NOES as error:
            return self._refused(line, as_problem(error))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return self._refused(line, _fault(error))
        status = 201 if line.case_id is None and not line.asked.dry_run else 200
        replayed = ',"replayed":true' if answer.replayed else ""
        return f'{{"line":{line.number},"status":{status}{replayed},"event":{answer.text}}}\n'.encode()

    def _refused(self, line: _Line, problem: Problem) -> bytes:
        note(self._request, problem, line.case_id)
        said = {"line": line.number, "status": problem.status, "problem": told(self._request, problem)}
        return to_json(said, inf_nan_mode="null") + b"\n"


def _names(line: _Line) -> list[UUID | str]:
    """What no two lines may do at the same time."""
    key = line.asked.idempotency_key if isinstance(line.asked, Ask) else None
    return [name for name in (line.case_id, key) if name is not None]


def _fault(error: Exception) -> Problem:
    """A line that our own side failed; the lines beside it may stand."""
    _log.error("a line of a batch was not written", error=type(getattr(error, "orig", None) or error).__name__)
    if is_away(error) or isinstance(error, TimeoutError):
        return Problem("unavailable", "The database does not answer; send the line again with the same key.")
    return Problem("internal_error", "Something went wrong here; it was recorded.")
