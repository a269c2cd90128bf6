"""Turns every way in which a request can go wrong into a problem."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from secor_notifier.api.in_words import in_words
from secor_notifier.api.problems import Problem, answer
from secor_notifier.logs import logger
from secor_notifier.workflow import CursorGoneError, WorkflowAwayError, WorkflowRefusalError

CODES = {400: "malformed_json", 413: "body_too_large", 415: "unsupported_media_type"}
ERRORS_AT_MOST = 50
ERRORS_IN_WORDS = 3
log = logger(__name__)


def refuse_in_problems(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Answer every error of this app as application/problem+json."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        allowed = {
            method for route in routes if route.path_regex.match(request.url.path) for method in route.methods or ()
        }
        return answer(request, _of_http(error, allowed))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, _of_validation(error))

    @app.exception_handler(WorkflowAwayError)
    @app.exception_handler(WorkflowRefusalError)
    @app.exception_handler(CursorGoneError)
    async def workflow_away(request: Request, error: Exception) -> Response:
        return answer(request, Problem("workflow_away", str(error)))

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)  # a refused connection comes as the driver's own error
    async def database_away(request: Request, error: Exception) -> Response:
        log.warning("the database does not answer", error=type(error).__name__)
        return answer(request, Problem("unavailable", "The database does not answer; try again with the same key."))

    @app.exception_handler(Exception)
    async def internal(request: Request, _error: Exception) -> Response:
        return answer(request, Problem("internal_error", "This is a fault of the notifier, and it has been logged."))


def _of_http(error: HTTPException, allowed: set[str]) -> Problem:
    if error.status_code == 405:  # noqa: PLR2004
        # All methods of all routes at the address: the framework names only those of one.
        methods = ", ".join(sorted(allowed or {"GET"}))
        return Problem("method_not_allowed", f"Allowed here: {methods}.", headers={"Allow": methods})
    if error.status_code == 404:  # noqa: PLR2004
        return Problem("not_found", "There is nothing at this address.")
    return Problem(CODES.get(error.status_code, "bad_request"), "The request cannot be read.")


def _of_validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem("malformed_json", "The body is not JSON.")
    # A body of a million wrong fields is not answered with a million sentences.
    errors = tuple({"pointer": pointer(one["loc"][1:]), "detail": in_words(one)} for one in found[:ERRORS_AT_MOST])
    detail = "; ".join(": ".join(filter(None, one.values())) for one in errors[:ERRORS_IN_WORDS])
    wrong_header = all(one["loc"][0] == "header" for one in found)
    return Problem("bad_header" if wrong_header else "invalid_request", detail, errors=errors)


def pointer(place: Sequence[str | int]) -> str:
    """A JSON Pointer (RFC 6901) into the body; a parameter is its name."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
