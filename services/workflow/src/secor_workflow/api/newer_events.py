"""A case on which a newer version of the service has done what this one does not know: that one will answer."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from secor_workflow.api.problems import Problem, render
from secor_workflow.log.upcasting import NewerEventError


def install(app: FastAPI) -> None:
    """Answer with a problem that asks to come again: while versions change, the next process may be a newer one."""

    @app.exception_handler(NewerEventError)
    async def _newer(request: Request, _error: NewerEventError) -> Response:
        return render(request, of_newer_version())


def of_newer_version() -> Problem:
    """Nothing was written."""
    return Problem(
        "unavailable", "A newer version of the service has acted on this case, which this one cannot read; try again."
    )
