"""Is it alive, is it ready, how is it doing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.api.exposition import exposition
from secor_workflow.api.metrics import LISTENERS
from secor_workflow.api.permissions import public
from secor_workflow.api.problems import Problem
from secor_workflow.api.rooms import InRooms
from secor_workflow.credentials.claims import ProviderAwayError
from secor_workflow.database.schema import WRONG, standing
from secor_workflow.documents.blobs import StoreAwayError
from secor_workflow.documents.scanner import ScannerAwayError
from secor_workflow.log.witness import LogWentBackError

router = APIRouter(
    tags=["probes"],
    dependencies=[Depends(public("For machines that watch; counts and states, no ids and no names."))],
)
_PATIENCE_SECONDS = 1.0
"""Who asks for readiness does not wait long."""
_SILENCE = "does not answer"


@router.get("/livez", operation_id="livez", summary="The process answers")
async def livez() -> dict[str, str]:
    """Says nothing about the database."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="readyz", summary="Ready to serve, or what is not ready")
async def readyz(rooms: InRooms) -> Response:
    """Database, migrations and head; 503 names what is not ready, and so does a process that was asked to stop.

    The document store, the virus scanner and the keys of OpenID providers are told too, but all processes share them
    and most requests need none: if one is away the status is `degraded`, and what needs it answers 503 by itself.
    """
    if rooms.leaving.asked:
        raise Problem("unavailable", "Not ready: the process is stopping.", extra={"checks": {"process": "stopping"}})
    checks: dict[str, Any] = {}
    try:
        checks["database"] = "ok"
        checks["migrations"] = WRONG.get(await standing(rooms.log.engine), "ok")
        checks["head"] = await rooms.log.head()
    except LogWentBackError as error:
        checks["database"] = str(error)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        checks["database"] = f"does not answer: {type(error).__name__}"
    if not rooms.opened.done:
        checks["start"] = "not finished"
    if missing := [name for name in ("database", "migrations", "start") if checks.get(name, "ok") != "ok"]:
        raise Problem("unavailable", f"Not ready: {', '.join(missing)}.", extra={"checks": checks})
    shared = (rooms.blobs.ready, rooms.scanner.ready, rooms.tokens.ready)
    store, scanner, issuers = await asyncio.gather(*map(_answer, shared))
    checks |= {
        "documents": store,
        "scanner": scanner if rooms.scanner.on else "off",
        "issuers": issuers if rooms.tokens.issuers else "off",
    }
    status = "degraded" if _SILENCE in checks.values() else "ok"
    return JSONResponse({"status": status, "checks": checks}, headers={"Cache-Control": "no-store"})


async def _answer(ready: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await ready()
    except (StoreAwayError, ScannerAwayError, ProviderAwayError, TimeoutError):
        return _SILENCE
    return "ok"


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics")
async def metrics(rooms: InRooms) -> Response:
    """Requests, commands, appends, the log and its readers (`docs/metrics.md`); no label holds an id or a name.

    A database that goes away is told by them, and 503 is for a process that has not had one yet.
    """
    if not rooms.opened.done:
        raise Problem("unavailable", "The service is starting and waits for its database; try again.")
    LISTENERS.set(rooms.tail.listeners)
    told = exposition(rooms.handler, rooms.log, await rooms.measuring.now())
    return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST})
