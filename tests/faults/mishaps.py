"""Faults of processes, lines and clients: each happens once, under load, and returns when it is over."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence

from faults.load import SOME, Load
from faults.proxy import Cut, Line
from faults.scene import Scene
from faults.waiting import eventually
from faults.workers import Worker
from feed.commands import Employer
from secor_workflow.domain.context import Role

CROWD = 250
"""Clients that go away in one round."""
Happens = Callable[[Scene, Load], Awaitable[None]]


async def kill_a_worker(scene: Scene, _load: Load) -> None:
    victim = scene.chance.choice(scene.workers)
    victim.kill()
    await victim.start()


async def kill_postgres(scene: Scene, _load: Load) -> None:
    """Every process of the server at once."""
    await asyncio.to_thread(scene.server.kill)
    await asyncio.to_thread(scene.server.start)


async def crash_postgres(scene: Scene, _load: Load) -> None:
    """As `pg_ctl stop -m immediate` does."""
    await asyncio.to_thread(scene.server.stop, "immediate")
    await asyncio.to_thread(scene.server.start)


def database_away(seconds: float) -> Happens:
    """Stopped for a while: everybody is told so and when to come back, and it goes on by itself."""

    async def happens(scene: Scene, load: Load) -> None:
        path, body, headers = Employer().next()
        await asyncio.to_thread(scene.server.stop)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for worker in scene.workers:
                answer = await load.asked(worker.url, path, body, headers)
                assert answer is not None
                assert (answer.status_code, answer.headers["retry-after"].isdecimal()) == (503, True), answer.text
            await asyncio.sleep(0.1)
        await asyncio.to_thread(scene.server.start)
        await load.until_answered(scene.workers[0].url, path, body, headers)

    return happens


async def lose_answers(scene: Scene, _load: Load) -> None:
    """The service did it, and its answer never arrives."""
    for line in scene.fronts:
        line.answered = lambda _piece: Cut.BEFORE if scene.chance.random() < 0.3 else None
    await _until_cut(scene.fronts)


async def lose_commits(scene: Scene, _load: Load) -> None:
    """The line to the database breaks before COMMIT is said, while it is said, or before it is answered.

    Or where events are written, in a statement that commits by itself if nothing stands against them.
    """

    def at_commit(piece: bytes) -> Cut | None:
        commits = b"COMMIT" in piece or b'{"position":' in piece
        return scene.chance.choice(list(Cut)) if commits and scene.chance.random() < 0.5 else None

    for line in scene.backs:
        line.asked = at_commit
    await _until_cut(scene.backs)


async def _until_cut(lines: Sequence[Line]) -> None:
    wanted = sum(line.cuts for line in lines) + SOME
    await eventually(lambda: sum(line.cuts for line in lines) >= wanted)
    for line in lines:
        line.asked = line.answered = None


async def clients_leave(scene: Scene, load: Load) -> None:
    """Somewhere in the request or right after it; some come back with the same key and have their answer."""
    asked = [Employer().next() for _ in range(CROWD)]
    scene.left |= {headers["Idempotency-Key"] for _, _, headers in asked}
    await asyncio.gather(*(_ask_and_leave(scene, scene.chance.choice(scene.workers), *one) for one in asked))
    for path, body, headers in scene.chance.sample(asked, SOME):
        await load.until_answered(scene.chance.choice(scene.urls), path, body, headers)


async def _ask_and_leave(
    scene: Scene, worker: Worker, path: str, body: dict[str, object], headers: dict[str, str]
) -> None:
    content = json.dumps(body, separators=(",", ":")).encode()  # as the client writes it: a retry is the same to a byte
    told = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {scene.keys[Role.STAFF]}",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **headers,
    }
    head = "\r\n".join([f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())])
    request = f"{head}\r\n\r\n".encode() + content
    whole = scene.chance.random() < 0.75
    _, out = await asyncio.open_connection("127.0.0.1", worker.port)
    out.write(request if whole else request[: scene.chance.randrange(len(request))])
    await out.drain()
    await asyncio.sleep(scene.chance.random() / 20)
    if scene.chance.random() < 0.5:
        out.transport.abort()
    out.close()
