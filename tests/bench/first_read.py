"""How fast a new notifier reads a log of a million events, and in how much memory: `python tests/bench/first_read.py`.

A process of its own serves the log as the workflow would, made up event by event. The notifier is whole: its ledger in
a file (or at `--url`), its calendars, its progress bar. Told are events a second, and its memory at each tenth of it.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import uvicorn
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from secor_notifier.api.rooms import Rooms
from secor_notifier.calendars.tables import place
from secor_notifier.ledger.tables import watches
from secor_notifier.main import create_app
from secor_notifier.settings import Settings

EVENTS_OF_A_CASE = 25
LINES = 500
LOOK_SECONDS = 0.05
TENTHS = 10
BEGAN = datetime.now(UTC) - timedelta(days=400)
DUE = (datetime.now(UTC) + timedelta(days=500)).date()
KINDS = ("EmployerRegistered", "ChampionNamed", "SomethingHappened", "DeadlineExtended")
console = Console()


def an_event(position: int, events: int) -> str:
    """The cases take turns; the first event of each names its contact, and each has one date far ahead."""
    round_, case = divmod(position - 1, max(events // EVENTS_OF_A_CASE, 1))
    at = BEGAN + timedelta(seconds=position)
    return json.dumps(
        {
            "position": position,
            "specversion": "1.0",
            "id": f"e.{position}",
            "source": "/secor/workflow",
            "type": f"ca.go2hr.secor.{KINDS[min(round_, len(KINDS) - 1)]}.v1",
            "subject": f"01930000-0000-7000-8000-{case:012}",
            "time": at.isoformat(),
            "caseversion": round_ + 1,
            "data": {
                "effective_on": str(at.date()),
                "state": "NoticeFiled",
                "fact": {"contact_id": f"01930000-0000-7000-8000-c{case:011}"} if round_ == 0 else {},
                "deadlines": [{"name": "audit_submission", "due_on": str(DUE), "owner": "employer"}],
            },
        }
    )


def serve(port: int, events: int) -> None:
    """The workflow's feed, as far as the notifier's first read asks for it."""

    def after(request: Request) -> int:
        return int((request.query_params.get("after") or "e.0").rpartition(".")[2])

    async def lines(start: int) -> AsyncIterator[str]:
        for first in range(start + 1, events + 1, LINES):
            last = min(first + LINES, events + 1)
            yield "".join(an_event(position, events) + "\n" for position in range(first, last))

    async def feed(request: Request) -> Response:
        start = after(request)
        if request.headers["Accept"] == "application/x-ndjson":
            return StreamingResponse(lines(start), media_type="application/x-ndjson")
        last = min(start + int(request.query_params.get("limit", 100)), events)
        page = ",".join(an_event(position, events) for position in range(start + 1, last + 1))
        if last == start:
            await asyncio.sleep(float(request.query_params.get("wait", 0)))
        headers = {"Next-Cursor": f"e.{last}"}
        return Response(f"[{page}]", media_type="application/cloudevents-batch+json", headers=headers)

    async def head(_request: Request) -> Response:
        return JSONResponse({"position": events, "cursor": f"e.{events}", "time": datetime.now(UTC).isoformat()})

    app = Starlette(routes=[Route("/v1/events", feed), Route("/v1/events/head", head)])
    uvicorn.run(app, port=port, log_level="error")


def megabytes() -> float:
    """Resident now, of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def main(home: Path, url: str, port: int, events: int) -> None:
    """Start with nothing, and watch until all has been read."""
    settings = Settings(
        home=home,
        database_url=url,
        workflow_url=f"http://127.0.0.1:{port}",
        workflow_key=SecretStr("any"),
        tick_seconds=3600,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        rooms = cast("Rooms", app.state.rooms)
        began, told = time.perf_counter(), 0
        console.print(f"at the start: {megabytes():.0f} MB")
        while (position := (await rooms.ledger.bookmark()).position) < events:
            if (tenth := position * TENTHS // events) > told:
                told = tenth
                _tell(position, time.perf_counter() - began)
            await asyncio.sleep(LOOK_SECONDS)
        _tell(events, time.perf_counter() - began)
        console.print(f"{await _watches(rooms):,} watches")
        while await _diary(rooms) < events:  # noqa: ASYNC110 (it writes to a database and to nobody else)
            await asyncio.sleep(LOOK_SECONDS)
        console.print(f"the calendars have read it too after {time.perf_counter() - began:.0f} s")
    console.print(f"at its most: [bold]{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB[/]")


def _until_it_answers(port: int) -> None:
    while True:
        with closing(socket.socket()) as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(LOOK_SECONDS)


def _tell(position: int, seconds: float) -> None:
    console.print(
        f"{position:,} events after {seconds:.0f} s ({position / seconds:,.0f} a second): {megabytes():.0f} MB"
    )


async def _watches(rooms: Rooms) -> int:
    async with rooms.ledger.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(watches))).scalar_one())


async def _diary(rooms: Rooms) -> int:
    async with rooms.ledger.engine.connect() as connection:
        return int((await connection.execute(select(place.c.position))).scalar_one())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=None)
    parser.add_argument("--events", type=int, default=1_000_000)
    given = parser.parse_args()
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(free, given.events), daemon=True)
    server.start()
    _until_it_answers(free)
    with tempfile.TemporaryDirectory() as folder:
        database = given.url or f"sqlite:///{folder}/bench.db"
        asyncio.run(main(Path(folder), database, free, given.events))
    server.kill()
