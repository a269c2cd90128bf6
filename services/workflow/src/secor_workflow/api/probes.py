"""Is it alive, is it ready, how is it doing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.api.metrics import HEAD, LISTENERS
from secor_workflow.api.permissions import public
from secor_workflow.api.problems import Problem
from secor_workflow.api.rooms import InRooms
from secor_workflow.database.migrate import is_current
from secor_workflow.documents.blobs import StoreAwayError
from secor_workflow.documents.scanner import ScannerAwayError

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
    """Database, migrations and head; 503 names what is not ready.

    The document store and the virus scanner are told too, but all processes share them and most requests need neither:
    if one is away the status is `degraded`, and what needs it answers 503 by itself.
    """
    checks: dict[str, Any] = {}
    try:
        checks["database"] = "ok"
        checks["migrations"] = "ok" if await is_current(rooms.log.engine) else "not up to date"
        checks["head"] = await rooms.log.head()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        checks["database"] = f"does not answer: {type(error).__name__}"
    if missing := [name for name in ("database", "migrations") if checks.get(name, "ok") != "ok"]:
        raise Problem("unavailable", f"Not ready: {', '.join(missing)}.", extra={"checks": checks})
    store, scanner = await asyncio.gather(_answer(rooms.blobs.ready), _answer(rooms.scanner.ready))
    checks |= {"documents": store, "scanner": scanner if rooms.scanner.on else "off"}
    status = "degraded" if _SILENCE in {store, scanner} else "ok"
    return JSONResponse({"status": status, "checks": checks}, headers={"Cache-Control": "no-store"})


async def _answer(ready: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await ready()
    except (StoreAwayError, ScannerAwayError, TimeoutError):
        return _SILENCE
    return "ok"


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics")
async def metrics(rooms: InRooms) -> Response:
    """Requests, head and live clients; no label holds an id or a name."""
    HEAD.set(await rooms.log.head())
    LISTENERS.set(rooms.tail.listeners)
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
