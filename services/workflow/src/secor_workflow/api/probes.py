"""Is it alive, is it ready, how is it doing."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.api.metrics import HEAD, LISTENERS
from secor_workflow.api.problems import Problem
from secor_workflow.api.rooms import InRooms
from secor_workflow.database.migrate import is_current

router = APIRouter(tags=["probes"])


@router.get("/livez", operation_id="livez", summary="The process answers")
async def livez() -> dict[str, str]:
    """Says nothing about the database."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="readyz", summary="Ready to serve, or what is not ready")
async def readyz(rooms: InRooms) -> Response:
    """Database, migrations and head; 503 names what is not ready."""
    checks: dict[str, Any] = {}
    try:
        checks["database"] = "ok"
        checks["migrations"] = "ok" if await is_current(rooms.log.engine) else "not up to date"
        checks["head"] = await rooms.log.head()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        checks["database"] = f"does not answer: {type(error).__name__}"
    if missing := [name for name in ("database", "migrations") if checks.get(name, "ok") != "ok"]:
        raise Problem("unavailable", f"Not ready: {', '.join(missing)}.", extra={"checks": checks})
    return JSONResponse({"status": "ok", "checks": checks}, headers={"Cache-Control": "no-store"})


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics")
async def metrics(rooms: InRooms) -> Response:
    """Requests, head and live clients; no label holds an id or a name."""
    HEAD.set(await rooms.log.head())
    LISTENERS.set(rooms.tail.listeners)
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
