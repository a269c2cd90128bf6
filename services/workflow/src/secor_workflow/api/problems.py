"""Every error as application/problem+json: a code for programs, a sentence for people, and what to do."""

import errno
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.in_words import in_words
from secor_workflow.api.metrics import PROBLEMS
from secor_workflow.database.engine import is_away
from secor_workflow.domain.involvement import EventRef
from secor_workflow.log.log import BadCursorError
from secor_workflow.logs import logger

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"
_DISK_TAKES_NOTHING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_log = logger(__name__)


class FieldError(BaseModel):
    pointer: str = Field(description="JSON Pointer into the body, or the name of a parameter.")
    detail: str


class BlockerView(BaseModel):
    code: str
    detail: str
    pointer: str | None = None
    event: EventRef | None = Field(default=None, description="The event for which it refuses, if there is one.")


class ProblemView(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="A path that answers with an explanation.")
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[FieldError] = []

    blockers: list[BlockerView] | None = Field(default=None, description="409, 403: everything that refuses.")
    state: str | None = Field(default=None, description="409, 403: the case's state.")
    version: int | None = Field(default=None, description="409, 403, 412: the case's version.")
    allowed_commands: list[str] | None = Field(default=None, description="409, 403: what this caller may send now.")
    existing: str | None = Field(default=None, description="409 `case_exists`: the case there is.")
    since: list[dict[str, Any]] | None = Field(default=None, description="412: the events since your version.")
    last_common: str | None = Field(default=None, description="410: the cursor to read on from.")
    last_common_position: int | None = Field(default=None, description="410: its position.")
    archives: list[str] | None = Field(default=None, description="410, 404: the files that hold what was asked for.")
    checks: dict[str, Any] | None = Field(default=None, description="503 of /readyz: what is ready and what is not.")


class Problem(Exception):  # noqa: N818 (an answer, not a fault)
    """An answer that says no. `extra` are members beside the standard ones, `why` a word for the record of refusals."""

    def __init__(  # noqa: PLR0913 (an answer's own parts)
        self,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: dict[str, Any] | None = None,
        why: str = "",
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.errors = code, detail, errors or []
        self.headers, self.extra = dict(headers or {}), extra or {}
        self.why = why or ",".join(blocker["code"] for blocker in self.extra.get("blockers", ())) or code

    @property
    def status(self) -> int:
        return CATALOGUE[self.code].status


def told(request: Request, problem: Problem) -> dict[str, Any]:
    """The problem's members, RFC 9457's and ours; each that is told is counted."""
    entry = CATALOGUE[problem.code]
    PROBLEMS[problem.code].inc()
    return {
        "type": f"/problems/{problem.code}",
        "title": entry.title,
        "status": entry.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "code": problem.code,
        "request_id": request.scope.get("request_id", ""),
        "errors": problem.errors,
        **problem.extra,
    }


def render(request: Request, problem: Problem) -> Response:
    """The problem as an answer to this request."""
    entry = CATALOGUE[problem.code]
    headers = {"Cache-Control": "no-store", **problem.headers}
    if entry.status == 503:  # noqa: PLR2004 (Service Unavailable)
        headers.setdefault("Retry-After", RETRY_SECONDS)
    if entry.status == 401:  # noqa: PLR2004 (Unauthorized)
        failed = "" if problem.why == "missing" else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="secor"{failed}'
    return Response(_json(told(request, problem)), status_code=entry.status, media_type=MEDIA_TYPE, headers=headers)


def invalid(errors: list[dict[str, Any]], code: str = "invalid_request", prefix: str = "") -> Problem:
    """A Problem from Pydantic's list of errors, each with its place."""
    found = [
        {"pointer": prefix + "".join(f"/{part}" for part in error["loc"]), "detail": in_words(error)}
        for error in errors
        if not _follows_from_another(error, errors)
    ]
    said = [": ".join(filter(None, (error["pointer"], error["detail"]))) for error in found[:3]]
    return Problem(code, "; ".join(said), errors=found)


def _follows_from_another(error: dict[str, Any], errors: list[dict[str, Any]]) -> bool:
    """Whether a list only seems too short because what is in it is wrong."""
    place = error["loc"]
    return error.get("type") == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in errors
    )


def install(app: FastAPI, note: Callable[[Request, Problem], None]) -> None:
    """Answer every error of the application with a problem, and have refusals noted."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        note(request, problem)
        return render(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return render(request, invalid([{**e, "loc": e["loc"][1:]} for e in error.errors()]))

    @app.exception_handler(BadCursorError)
    async def _bad_cursor(request: Request, _error: BadCursorError) -> Response:
        return render(request, Problem("bad_cursor", "The cursor is not one that this service gave out."))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return render(request, _of_http(request, error))

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    @app.exception_handler(TimeoutError)
    async def _database(request: Request, error: Exception) -> Response:
        if isinstance(error, OSError) and error.errno in _DISK_TAKES_NOTHING:
            _log.error("the disk for temporary files (TMPDIR) takes nothing", error=errno.errorcode[error.errno])
            return render(request, Problem("unavailable", "There is no room for what comes in; try again later."))
        _log.error("the database did not answer", error=type(getattr(error, "orig", None) or error).__name__)
        if isinstance(error, DBAPIError) and not is_away(error):
            raise error
        return render(request, Problem("unavailable", "The database does not answer; try again with the same key."))

    @app.exception_handler(ClientDisconnect)
    async def _gone(request: Request, _error: ClientDisconnect) -> Response:
        return render(request, Problem("bad_request", "The request broke off."))  # for the count: nobody reads it

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> Response:
        return render(request, Problem("internal_error", "Something went wrong here; it was recorded."))


def _of_http(request: Request, error: HTTPException) -> Problem:
    match error.status_code:
        case 404:
            return Problem("not_found", f"There is nothing at {request.url.path}.")
        case 405:
            allow = ", ".join(sorted(_allowed(request)))
            return Problem(
                "method_not_allowed", f"{request.method} is not possible here; use {allow}.", headers={"Allow": allow}
            )
        case 413:
            return Problem("body_too_large", "The body is larger than this service takes.")
        case 415:
            return Problem("unsupported_media_type", "Send the body as application/json.")
        case _:
            return Problem("bad_request", str(error.detail))


def _allowed(request: Request) -> set[str]:
    """Every method that some route takes at this path; the framework names the first route's only."""
    return {
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    }


def _json(body: dict[str, Any]) -> bytes:
    return to_json(body, inf_nan_mode="null")
