"""Is it alive, is it ready, how far has it read: for machines that watch over machines."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.api.callers import StaffReader
from secor_notifier.api.documented import TEXT, documented
from secor_notifier.api.measures import exposition
from secor_notifier.api.permissions import Guarded, public
from secor_notifier.api.problems import MEANINGS, Problem
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.api.shapes import CursorShape, MeaningShape, Nothing, ReadyShape
from secor_notifier.ledger.schema import WRONG, standing

router = APIRouter(route_class=Guarded, responses=documented(422))
FOR_MACHINES = Depends(public("For machines that watch; counts and states, no ids and no names."))
OLDEST_PULL_SECONDS = 90
OLDEST_BEAT_SECONDS = 600


@router.get(
    "/livez", operation_id="livez", tags=["probes"], summary="Is the process alive?", dependencies=[FOR_MACHINES]
)
async def livez(_query: Annotated[Nothing, Query()]) -> dict[str, str]:
    """Says nothing about the database or the workflow."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    operation_id="readyz",
    tags=["probes"],
    summary="Is it ready, and if not, what is missing?",
    dependencies=[FOR_MACHINES],
    responses=documented(503),
)
async def readyz(_query: Annotated[Nothing, Query()], house: House) -> ReadyShape:
    """Its database, and the workflow's feed; 503 names what is missing, and so does a process that was asked to stop.

    A mail server that is away makes it `degraded`: letters wait, and all else goes on.
    """
    if house.leaving.asked:
        raise Problem("unavailable", "Not ready: the process is stopping.", more={"checks": {"process": "stopping"}})
    checks = {"database": await _database(house), "workflow": _workflow(house), "worker": _worker(house)}
    missing = [name for name, state in checks.items() if state not in {"ok", "standing by"}]
    age = house.pulse.seconds_since_pull
    beat = house.pulse.seconds_since_beat
    more = {
        "checks": checks,
        "last_pull_seconds": None if age is None else round(age, 1),
        "heartbeat_seconds": None if beat is None else round(beat, 1),
    }
    if missing:
        raise Problem("unavailable", f"Not ready: {', '.join(missing)}.", more=more)
    checks["mail"] = await house.door.state()
    return ReadyShape.model_validate({"status": "ready" if checks["mail"] == "ok" else "degraded", **more})


async def _database(house: Rooms) -> str:
    try:
        return WRONG.get(await standing(house.ledger.engine), "ok")
    except (SQLAlchemyError, OSError) as error:
        return f"does not answer ({type(error).__name__})"


def _worker(house: Rooms) -> str:
    """Its heartbeat; behind a mail server that lets everybody wait one round may take some minutes."""
    beat = house.pulse.seconds_since_beat
    if beat is None:
        return "not begun yet"
    return "ok" if beat < OLDEST_BEAT_SECONDS else "no heartbeat for too long"


def _workflow(house: Rooms) -> str:
    pulse = house.pulse
    if pulse.trouble:
        return pulse.trouble
    if pulse.reading:
        return pulse.reading
    if pulse.active is False:
        return "standing by"
    if pulse.seconds_since_pull is None:
        return "not read yet"
    if pulse.seconds_since_pull > OLDEST_PULL_SECONDS:
        return "not read for too long"
    return "ok"


@router.get(
    "/metrics",
    operation_id="metrics",
    tags=["probes"],
    summary="Prometheus metrics",
    dependencies=[FOR_MACHINES],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": TEXT}}}, **documented(503)},
)
async def metrics(_query: Annotated[Nothing, Query()], house: House) -> Response:
    """Position, lag, letters and webhooks (`docs/metrics.md`); no label holds an id or a name.

    A database that goes away is told by them, and 503 is for a process that has not had one yet.
    """
    told = exposition(
        house.pulse,
        house.measuring.connections(),
        await house.measuring.now(),
        house.correspondence.clock.now(),
        mail=await house.door.state() == "ok",
    )
    return Response(told, media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/v1/cursor",
    operation_id="read_cursor",
    tags=["probes"],
    summary="How far the log has been read",
    responses=documented(401, 403, 503),
)
async def cursor(_query: Annotated[Nothing, Query()], house: House, _known: StaffReader) -> CursorShape:
    """The notifier's place in the workflow's log, and how far that is from the head."""
    bookmark = await house.ledger.bookmark()
    head = house.pulse.head_position
    return CursorShape(
        cursor=bookmark.cursor,
        position=bookmark.position,
        head_position=head,
        lag=None if head is None else max(0, head - bookmark.position),
        pulled_at=house.pulse.pulled_at or bookmark.pulled_at,
    )


@router.get(
    "/problems/{code}",
    operation_id="explain_problem",
    tags=["problems"],
    summary="What a problem's code means",
    dependencies=[Depends(public("A problem's `type` leads here; the same for everybody."))],
    responses=documented(404),
)
async def problem(
    code: Annotated[str, Path(description="The `code` of a problem.", examples=["not_found"])],
    request: Request,
    _query: Annotated[Nothing, Query()],
) -> MeaningShape:
    """What the `type` of a problem leads to: its status, its meaning, and what to do. Needs no key."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        raise Problem("not_found", "There is no problem of this code.")
    return MeaningShape(
        type=request.url.path,
        code=code,
        status=meaning.status,
        title=meaning.title,
        explanation=meaning.explanation,
        advice=meaning.explanation,
    )
