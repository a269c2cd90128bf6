"""What was taken out of the log, as problems: a cursor before its beginning, a case whose events are not all there."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from secor_workflow.api.problems import Problem, render
from secor_workflow.api.rooms import rooms_of
from secor_workflow.log.archives import ArchivedCaseError, ArchivedPositionError


def install(app: FastAPI) -> None:
    """Answer with a problem that names the archives."""

    @app.exception_handler(ArchivedPositionError)
    async def _position(request: Request, error: ArchivedPositionError) -> Response:
        begins = rooms_of(request).log.cursor(error.begins_after)
        names = ", ".join(error.names)
        problem = Problem(
            "archived",
            f"What follows this cursor was taken out of the log, into {names}. The feed begins after {begins}.",
            extra={"archives": [*error.names], "last_common": begins, "last_common_position": error.begins_after},
        )
        return render(request, problem)

    @app.exception_handler(ArchivedCaseError)
    async def _case(request: Request, error: ArchivedCaseError) -> Response:
        return render(request, case_archived(error))


def case_archived(error: ArchivedCaseError) -> Problem:
    """Nothing is told of a case, and nothing done with it, while some of its events are elsewhere."""
    names = ", ".join(error.names)
    return Problem(
        "case_archived",
        f"The case is closed, and its events were taken out of the log, into {names}. An operator can put them back.",
        extra={"archives": [*error.names]},
    )
