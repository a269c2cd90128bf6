"""Where faults happen: workers on one database, and a line of ours before and behind each that can be cut."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import sqlalchemy as sa

from databases import PostgresServer
from faults.proxy import Line
from faults.waiting import PATIENCE
from faults.workers import Worker
from loopback import NO_TLS
from secor_workflow.domain.context import Role
from workflow.log.services import a_service


@dataclass
class Scene:
    """The workers, the lines before and behind them, and whatever a fault needs to lay hands on."""

    home: Path
    database_url: str
    keys: Mapping[Role, str]
    stack: AsyncExitStack
    postgres: PostgresServer | None = None
    workers: list[Worker] = field(default_factory=list)
    fronts: list[Line] = field(default_factory=list)
    backs: list[Line] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    """Keys whose clients waited for no answer: in the log once or not at all, sooner or later."""
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def urls(self) -> list[str]:
        """Where clients and readers go: the lines before the workers."""
        return [f"http://127.0.0.1:{line.port}" for line in self.fronts]

    @property
    def server(self) -> PostgresServer:
        assert self.postgres is not None
        return self.postgres

    @asynccontextmanager
    async def rival(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Another program's connection to the database, past our lines."""
        connection = await asyncpg.connect(self.database_url)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def has(self, number: int) -> None:
        """So many workers from here on."""
        while len(self.workers) > number:
            self.workers.pop().kill()
            self.fronts.pop()
            del self.backs[number:]
        while len(self.workers) < number:
            await self._one_more()

    async def _one_more(self) -> None:
        url = self.database_url
        if self.postgres is not None:
            self.backs.append(await self.stack.enter_async_context(Line(self.postgres.port)))
            url = sa.make_url(url).set(port=self.backs[-1].port).render_as_string(hide_password=False)
        worker = Worker(self.home / f"worker-{len(self.workers) + 1}", url)
        self.workers.append(worker)
        self.fronts.append(await self.stack.enter_async_context(Line(worker.port)))
        await worker.start()

    async def ask(self, worker: Worker, path: str) -> httpx.Response:
        """A reader's question to one worker."""
        headers = {"Authorization": f"Bearer {self.keys[Role.READER]}"}
        async with httpx.AsyncClient(headers=headers, timeout=PATIENCE, verify=NO_TLS, trust_env=False) as client:
            return (await client.get(f"{worker.url}{path}")).raise_for_status()

    async def head(self) -> tuple[int, str]:
        """The last position, and its cursor."""
        told = (await self.ask(self.workers[0], "/v1/events/head")).json()
        return told["position"], told["cursor"]


@asynccontextmanager
async def a_scene(home: Path, database_url: str, postgres: PostgresServer | None = None) -> AsyncIterator[Scene]:
    """On a migrated database, with no workers yet."""
    async with AsyncExitStack() as stack:
        scene = Scene(home, database_url, await _keys(database_url), stack, postgres)
        try:
            yield scene
        finally:
            for worker in scene.workers:
                worker.kill()


async def _keys(database_url: str) -> dict[Role, str]:
    """A key for those who send commands and one for those who read."""
    made = {}
    async with a_service(database_url) as rooms:
        for role in (Role.STAFF, Role.READER):
            _, secret = await rooms.keys.create(
                actor_id=role, role=role, name="faults", account=None, by="faults", now=rooms.clock.now()
            )
            assert secret
            made[role] = secret
    return made
