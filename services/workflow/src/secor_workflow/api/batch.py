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
from secor_workflow.asking import Answer, Ask
from secor_workflow.database.engine import is_away
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Actor, Context
from secor_workflow.domain.in_the_open import in_the_open
from secor_workflow.domain.roads import BY_SLUG
from secor_workflow.handler import Granted
from secor_workflow.logs import logger

router = APIRouter(tags=["commands"], dependencies=[Depends(bearer)])

NDJSON = "application/x-ndjson"
MOST_LINES = 1000
TOGETHER = 100
"""Lines of one batch that are written in one go, while as many are read and decided."""
AT_ONCE = 200
"""Lines of one batch that are handled each by itself at the same time: they leave room for others."""
TURN_SECONDS = 0.001
"""How long a batch is worked on before whoever else waits has a turn; a long line may take longer."""
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
    ask: Ask
    case_id: UUID | None


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
    lines = await _body(request, rooms)
    if lines[1:]:
        rooms.rates.take(request, actor.id, len(lines) - 1)  # the first was counted with the request
    outcomes = await _Batch(request, rooms, actor).run(lines)
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
    """The lines of one request on their way.

    Line after line is read and, if it can be granted at once, decided. What was decided is written a hundred at a time,
    while the next lines are read. A line that needs more than that is handled as if it were alone.
    """

    def __init__(self, request: Request, rooms: Rooms, actor: Actor) -> None:
        self._request, self._rooms, self._actor = request, rooms, actor
        self._room = asyncio.Semaphore(AT_ONCE)
        self._before: dict[UUID | str, asyncio.Future[None]] = {}
        """Who was the last to have a case or a key."""
        self._answers: dict[int, bytes] = {}

    async def run(self, raw: list[tuple[int, bytes]]) -> list[bytes]:
        """Each waits for the line before it that has the same case or the same key; the rest go on at once."""
        async with asyncio.TaskGroup() as tasks:
            gathered, writing, ctx = _Gathered(), None, self._context()
            since = time.perf_counter()
            for number, text in raw:
                self._begin(number, text, ctx, gathered, tasks)
                if len(gathered.lines) == TOGETHER:
                    if writing is not None:
                        await asyncio.wait((writing,))  # no more than these: others want to write too
                    writing, gathered = tasks.create_task(self._write(gathered)), _Gathered()
                if time.perf_counter() - since > TURN_SECONDS:  # a large batch takes long: others have their turns
                    await asyncio.sleep(0)
                    since, ctx = time.perf_counter(), self._context()
            if gathered.lines:
                await self._write(gathered)
        return [self._answers[number] for number, _ in raw]

    def _context(self) -> Context:
        return self._rooms.circumstances.context(self._actor)

    def _begin(self, number: int, text: bytes, ctx: Context, gathered: "_Gathered", tasks: asyncio.TaskGroup) -> None:
        try:
            line = _read(number, text, self._actor, self._rooms.settings.max_body_bytes)
        except Problem as problem:
            self._answers[number] = self._refused(number, None, problem)
            return
        names = _names(line)
        waits_for = [before for name in names if (before := self._before.get(name)) and not before.done()]
        granted = None if waits_for else self._rooms.handler.granted_at_once(line.case_id, line.ask, ctx)
        if granted is not None:
            gathered.lines.append((line, granted))
            done = gathered.done
        else:
            done = tasks.create_task(self._after(waits_for, line))
        self._before.update(dict.fromkeys(names, done))

    async def _write(self, gathered: "_Gathered") -> None:
        try:
            answers = await self._rooms.handler.write_all([granted for _, granted in gathered.lines])
            left = []
            for (line, _), answer in zip(gathered.lines, answers, strict=True):
                if isinstance(answer, Answer):
                    self._answers[line.number] = _granted(line, answer)
                elif answer is None:
                    left.append(self._after([], line))
                else:
                    self._answers[line.number] = self._refused(line.number, line.case_id, _fault(answer))
            await asyncio.gather(*left)
        finally:
            gathered.done.set_result(None)

    async def _after(self, others: list[asyncio.Future[None]], line: "_Line") -> None:
        if others:
            await asyncio.wait(others)
        async with self._room:
            await self._handle(line)

    async def _handle(self, line: "_Line") -> None:
        try:
            answer = await self._rooms.handler.handle(line.case_id, line.ask)
        except NOES as error:
            self._answers[line.number] = self._refused(line.number, line.case_id, as_problem(error))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self._answers[line.number] = self._refused(line.number, line.case_id, _fault(error))
        else:
            self._answers[line.number] = _granted(line, answer)

    def _refused(self, number: int, case_id: UUID | None, problem: Problem) -> bytes:
        note(self._request, problem, case_id)
        said = {"line": number, "status": problem.status, "problem": told(self._request, problem)}
        return to_json(said, inf_nan_mode="null") + b"\n"


class _Gathered:
    """Lines that are written together, of different cases and keys."""

    def __init__(self) -> None:
        self.lines: list[tuple[_Line, Granted]] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


def _granted(line: _Line, answer: Answer) -> bytes:
    status = 201 if line.case_id is None and not line.ask.dry_run else 200
    replayed = ',"replayed":true' if answer.replayed else ""
    return f'{{"line":{line.number},"status":{status}{replayed},"event":{answer.text}}}\n'.encode()


def _names(line: _Line) -> tuple[UUID | str, ...]:
    """What no two lines may do at the same time."""
    return tuple(name for name in (line.case_id, line.ask.idempotency_key) if name is not None)


def _fault(error: Exception) -> Problem:
    """A line that our own side failed; the lines beside it may stand."""
    _log.error("a line of a batch was not written", error=type(getattr(error, "orig", None) or error).__name__)
    if is_away(error) or isinstance(error, TimeoutError):
        return Problem("unavailable", "The database does not answer; send the line again with the same key.")
    return Problem("internal_error", "Something went wrong here; it was recorded.")
