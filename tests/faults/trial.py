"""One fault, so many times, while clients send and readers read; and what is found afterwards."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rich.console import Console

from faults.judge import Verdict, judge
from faults.load import SOME, Load
from faults.readers import LiveReader, PageReader
from faults.scene import Scene
from secor_workflow.domain.context import Role

console = Console(stderr=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens, in words and as a function that lets it happen once."""

    name: str
    happens: Callable[[Scene, Load], Awaitable[None]]
    rounds: int
    """In `make faults`; a few in `make test`."""
    few: int = 1
    workers: int = 2
    clients: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table."""

    fault: str
    database: str
    workers: int
    rounds: int
    verdict: Verdict
    again: int
    """Requests that were answered with 503 or not at all, and sent again."""
    seconds: float


async def trial(scene: Scene, fault: Fault, rounds: int) -> Row:
    """Let it happen under load, at random moments, and judge."""
    await scene.has(fault.workers)
    since, cursor = await scene.head()
    key = scene.keys[Role.READER]
    readers = [PageReader(scene.urls, key, cursor), LiveReader(scene.urls, key, cursor)]
    began = time.monotonic()
    try:
        async with Load(scene.urls, scene.keys[Role.STAFF], clients=fault.clients) as load:
            for number in range(1, rounds + 1):
                await load.grows_by(scene.chance.randint(1, 30))
                await fault.happens(scene, load)
                await load.grows_by(SOME)
                _tell(f"{fault.name}: round {number} of {rounds}, {load.told.number:,} acknowledged")
        verdict = await judge(scene.database_url, since, load.told, scene.left, readers)
    finally:
        for reader in readers:
            await reader.close()
    told = load.told
    return Row(
        fault=fault.name,
        database="SQLite" if scene.postgres is None else "PostgreSQL",
        workers=fault.workers,
        rounds=rounds,
        verdict=verdict,
        again=told.broken + told.answers[503],
        seconds=time.monotonic() - began,
    )


def _tell(progress: str) -> None:
    if console.is_terminal:
        console.print(progress, end="\r", highlight=False)
