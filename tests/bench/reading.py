"""Reading a large log and a small one: the feed in bulk, and what must not become slower as the log grows."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from statistics import median
from urllib.request import Request, urlopen
from uuid import UUID

import sqlalchemy as sa

from bench.servers import Serving
from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.database.tables import cases
from secor_workflow.log.upkeep import rebuild, verify
from workflow.log.services import a_service
from workflow.log.stories import POLICIES, STAFF, standing

ASKED, WARMING = 200, 10
Question = Callable[[Rooms, UUID], Awaitable[object]]


def feed(on: Serving) -> tuple[float, int]:
    """How many seconds the whole log takes as NDJSON, and how many events it was."""
    headers = {"Authorization": f"Bearer {on.key}", "Accept": "application/x-ndjson"}
    began, events = time.perf_counter(), 0
    with urlopen(Request(f"{on.url}/v1/events", headers=headers), timeout=600) as answer:  # noqa: S310 (our own server)
        while piece := answer.read(1 << 20):
            events += piece.count(b"\n")
    return time.perf_counter() - began, events


async def _read(rooms: Rooms, case_id: UUID) -> object:
    return await rooms.log.case(case_id)


async def _command(rooms: Rooms, case_id: UUID) -> object:
    return await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=standing(), idempotency_key=secrets.token_hex(9)))


async def _list(rooms: Rooms, case_id: UUID) -> object:
    return await rooms.log.rows(cases.c.case_id > case_id, limit=50)


async def _page(rooms: Rooms, case_id: UUID) -> object:
    return await rooms.log.page(int(case_id) % max(1, await rooms.log.head()), 100)


async def _due(rooms: Rooms, _case_id: UUID) -> object:
    return await rooms.log.due_before(date.max, 200)


QUESTIONS: dict[str, Question] = {
    "one case read": _read,
    "one command": _command,
    "one list page": _list,
    "one feed page": _page,
    "due sweep": _due,
}


Pair = tuple[float, float]


def times(large: str, small: str) -> dict[str, Pair]:
    """The median of each question in milliseconds, in the large log and in the small one, about cases all over them."""
    return asyncio.run(_times(large, small))


async def _times(large: str, small: str) -> dict[str, Pair]:
    async with a_service(large) as much, a_service(small) as little:
        asked = list(zip(await _sample(much), await _sample(little), strict=True))
        return {name: await _pair(question, (much, little), asked) for name, question in QUESTIONS.items()}


async def _sample(rooms: Rooms) -> list[UUID]:
    async with rooms.log.engine.connect() as connection:
        sample = sa.select(cases.c.case_id).order_by(sa.func.random()).limit(ASKED)
        return list(await connection.scalars(sample))


async def _pair(question: Question, both: tuple[Rooms, Rooms], asked: Sequence[tuple[UUID, UUID]]) -> Pair:
    """In turns: what else the machine does at a moment hits both alike."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in [*asked[:WARMING], *asked]:
        for rooms, case_id, times_ in zip(both, turn, took, strict=True):
            began = time.perf_counter()
            await question(rooms, case_id)
            times_.append(time.perf_counter() - began)
    much, little = (median(one[WARMING:]) * 1000 for one in took)
    return much, little


def upkeep(url: str) -> dict[str, float]:
    """How many events a second are rebuilt and verified."""
    return asyncio.run(_upkeep(url))


async def _upkeep(url: str) -> dict[str, float]:
    async with a_service(url, patient=True) as rooms:
        events = await rooms.log.head()
        began = time.perf_counter()
        await rebuild(rooms.log, POLICIES, lambda _done, _of: None)
        rebuilt = time.perf_counter()
        if faults := await verify(rooms.log, POLICIES, lambda _done, _of: None):
            raise RuntimeError(faults[0])
        return {"rebuild": events / (rebuilt - began), "verify": events / (time.perf_counter() - rebuilt)}
