"""Turns every way in which a request can go wrong into a problem."""

import logging
from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from secor_notifier.api.problems import Problem, answer
from secor_notifier.workflow import CursorGoneError, WorkflowAwayError, WorkflowRefusalError

CODES = {400: "malformed", 404: "not_found", 413: "too_large", 415: "unsupported_media_type"}
log = logging.getLogger(__name__)


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
        log.warning("database error=%s", type(error).__name__)
        return answer(request, Problem("database_away", "The ledger does not answer at the moment."))

    @app.exception_handler(Exception)
    async def internal(request: Request, _error: Exception) -> Response:
        return answer(request, Problem("internal", "This is a fault of the notifier, and it has been logged."))


def _of_http(error: HTTPException, allowed: set[str]) -> Problem:
    if error.status_code == 405:  # noqa: PLR2004
        # All methods of all routes at the address: the framework names only those of one.
        methods = ", ".join(sorted(allowed or {"GET"}))
        return Problem("method_not_allowed", f"Allowed here: {methods}.", headers={"Allow": methods})
    if error.status_code == 404:  # noqa: PLR2004
        return Problem("not_found", "There is nothing at this address.")
    return Problem(CODES.get(error.status_code, "malformed"), "The request cannot be read.")


def _of_validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem("malformed", "The body is not JSON.")
    errors = tuple({"pointer": _pointer(one["loc"]), "detail": str(one["msg"])} for one in found)
    return Problem("invalid", "; ".join(f"{one['pointer']}: {one['detail']}" for one in errors), errors=errors)


def _pointer(place: tuple[str | int, ...]) -> str:
    return "/" + "/".join(str(part) for part in place)
