"""What can be wrong with a document, its store or its scanner, as problems."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from secor_workflow.api.problems import Problem, render
from secor_workflow.documents.blobs import MissingBlobError, StoreAwayError
from secor_workflow.documents.scanner import MalwareFoundError, ScannerAwayError
from secor_workflow.documents.unfit import UnfitFile
from secor_workflow.logs import logger

_log = logger(__name__)


def install(app: FastAPI) -> None:
    """Answer with a problem that says what to do."""

    @app.exception_handler(UnfitFile)
    async def _unfit(request: Request, error: UnfitFile) -> Response:
        return render(request, Problem(error.code, error.sentence))

    @app.exception_handler(MalwareFoundError)
    async def _malware(request: Request, _error: MalwareFoundError) -> Response:
        return render(request, Problem("malware_found", "The virus scanner found something; nothing of it was kept."))

    @app.exception_handler(StoreAwayError)
    @app.exception_handler(ScannerAwayError)
    async def _away(request: Request, error: Exception) -> Response:
        _log.error("the document store is in trouble", error=str(error))
        return render(request, Problem("unavailable", f"{error} Try again with the same key."))

    @app.exception_handler(MissingBlobError)
    async def _missing(request: Request, error: Exception) -> Response:
        _log.error("bytes that the log pins are not in the store", sha256=str(error))
        return render(request, Problem("unavailable", "The document's bytes are not in the store at the moment."))
