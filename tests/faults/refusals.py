"""Faults of a database that is there and says no: locked, out of connections, or against one event alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from faults.load import Load
from faults.mishaps import Happens
from faults.scene import Scene
from faults.waiting import PATIENCE
from feed.commands import Employer
from loopback import NO_TLS
from secor_workflow.database.engine import WRITER_LOCK
from secor_workflow.domain.context import Role

CROWD = 64
"""More readers than a worker has connections."""
BATCH = 64
POISON = "poison-"
HOARDER = "hoarder"
KEY = "Idempotency-Key"
Request = tuple[str, dict[str, Any], dict[str, str]]


@asynccontextmanager
async def _refusing(scene: Scene, which: str, sqlstate: str) -> AsyncIterator[None]:
    """As long as this lasts, the database refuses the events for which something holds."""
    async with scene.rival() as rival:
        await rival.execute(
            f"""CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{sqlstate}'; END $$;
            CREATE TRIGGER fault BEFORE INSERT ON events FOR EACH ROW WHEN ({which}) EXECUTE FUNCTION fault()"""
        )
        try:
            yield
        finally:
            await rival.execute("DROP FUNCTION fault() CASCADE")


def some_errors(sqlstate: str) -> Happens:
    """For a while one event in four is refused with an error of the database's own."""

    async def happens(scene: Scene, load: Load) -> None:
        async with _refusing(scene, "random() < 0.25", sqlstate):
            await load.is_turned_away()

    return happens


async def deadlock(scene: Scene, load: Load) -> None:
    """Another program has locked every case and wants the writer's lock: the worker must give way."""
    before = load.told.answers[503]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
    async with scene.rival() as rival, scene.rival() as onlooker:
        await rival.execute("SET deadlock_timeout = '60s'")  # so that it is the worker who finds out, and gives way
        async with rival.transaction():
            await rival.execute("SELECT FROM cases FOR UPDATE")
            while not await onlooker.fetchval(waiting):  # noqa: ASYNC110 (the database does not tell)
                await asyncio.sleep(0.01)
            await rival.execute("SELECT pg_advisory_xact_lock($1)", WRITER_LOCK)
    await load.is_turned_away(1, since=before)


def pool_exhausted(seconds: float) -> Happens:
    """The log is locked for a while, and readers take all connections of a worker."""

    async def happens(scene: Scene, _load: Load) -> None:
        key = {"Authorization": f"Bearer {scene.keys[Role.READER]}"}
        async with httpx.AsyncClient(headers=key, timeout=PATIENCE, verify=NO_TLS, trust_env=False) as client:
            async with scene.rival() as rival, rival.transaction():
                await rival.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
                url = f"{scene.workers[0].url}/v1/events?limit=1"
                asked = [asyncio.create_task(client.get(url)) for _ in range(CROWD)]
                await asyncio.sleep(seconds)
            for answer in await asyncio.gather(*asked):
                assert answer.status_code in {200, 503}, answer.text
                assert answer.is_success or answer.headers["retry-after"].isdecimal()

    return happens


async def connections_used_up(scene: Scene, load: Load) -> None:
    """Another program takes every connection that the server gives, and the workers lose theirs."""
    async with AsyncExitStack() as hoard, scene.rival() as rival:

        async def take_all() -> None:
            while True:
                try:
                    one = await asyncpg.connect(scene.database_url, server_settings={"application_name": HOARDER})
                except asyncpg.TooManyConnectionsError:
                    return
                hoard.push_async_callback(one.close, timeout=5)

        await take_all()
        await rival.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND application_name <> $1 AND pid <> pg_backend_pid()",
            HOARDER,
        )
        await take_all()
        await load.is_turned_away()


async def one_poisoned(scene: Scene, load: Load) -> None:
    """Of 64 commands that come together the database refuses one: it alone, and its key may be sent again later."""
    url = scene.chance.choice(scene.workers).url
    for send in (_each_by_itself, _all_in_one):
        asked = [Employer().next() for _ in range(BATCH)]
        poisoned = scene.chance.choice(asked)
        poisoned[2][KEY] = f"{POISON}{uuid4()}"
        async with _refusing(scene, f"NEW.idempotency_key LIKE '{POISON}%'", "22021"):
            statuses = await send(load, url, asked)
        assert statuses == [500 if one is poisoned else 201 for one in asked], f"{send.__name__}: {statuses}"
        await load.until_answered(url, *poisoned)


async def _each_by_itself(load: Load, url: str, asked: list[Request]) -> list[int]:
    return await asyncio.gather(*(load.once(url, *one) for one in asked))


async def _all_in_one(load: Load, url: str, asked: list[Request]) -> list[int]:
    lines = [
        {"command": "register-employer", "body": body, "idempotency_key": headers[KEY]} for _, body, headers in asked
    ]
    return await load.batch(url, lines)
