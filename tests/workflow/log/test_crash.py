"""A crash in mid-append takes nothing that was acknowledged and leaves nothing half-written."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa

from databases import PostgresServer
from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.database.tables import people
from secor_workflow.log.append import Appended
from secor_workflow.log.log import Log
from secor_workflow.log.upkeep import verify
from workflow.log.clerks import a_clerk
from workflow.log.services import a_log, a_service
from workflow.log.stories import POLICIES, STAFF, Story, registration

BOUND = 30  # seconds; an append without a database fails long before
ENOUGH = 100


async def sound(log: Log, acknowledged: Iterable[str]) -> None:
    """All that was acknowledged is there, dense, whole, and with exactly the people that it tells of."""
    assert await verify(log, POLICIES, lambda _done, _of: None) == []
    texts = (await log.page(0, 100_000)).texts
    assert not set(acknowledged) - set(texts)
    events = [json.loads(text) for text in texts]
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    async with log.engine.connect() as connection:
        kept = {str(id_) for id_ in await connection.scalars(sa.select(people.c.person_id))}
    assert kept == {event["data"]["fact"]["contact_id"] for event in events}


async def test_a_killed_process_leaves_a_sound_sqlite_log(sqlite_log_url: str) -> None:
    acknowledged: list[dict[str, Any]] = []
    async with a_clerk(sqlite_log_url) as clerk:
        await clerk.tell("register_on_and_on", tasks=16)
        while answer := await clerk.answer():
            acknowledged.append(answer)
            if len(acknowledged) == ENOUGH:
                clerk.kill()  # what it said before dying is still read

    assert len(acknowledged) >= ENOUGH
    async with a_log(sqlite_log_url) as log:
        await sound(log, [answer["text"] for answer in acknowledged])
        assert isinstance(await log.append(Story().next()), Appended)


async def register_until_it_fails(rooms: Rooms, acknowledged: list[str], enough: asyncio.Event) -> None:
    while True:
        answer = await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))
        acknowledged.append(answer.text)
        if len(acknowledged) == ENOUGH:
            enough.set()


async def test_a_crash_of_postgresql_is_survived_without_a_restart_of_the_process(postgres: PostgresServer) -> None:
    acknowledged: list[str] = []
    enough = asyncio.Event()
    with PostgresServer(postgres.binaries, durable=True) as server:
        async with a_service(server.url(server.create_database())) as rooms:
            writers = [asyncio.create_task(register_until_it_fails(rooms, acknowledged, enough)) for _ in range(32)]
            await asyncio.wait_for(enough.wait(), BOUND)
            await asyncio.to_thread(server.stop, "immediate")

            async with asyncio.timeout(BOUND):  # each fails; none hangs
                failures = await asyncio.gather(*writers, return_exceptions=True)
            assert all(isinstance(failure, Exception) for failure in failures)

            before = len(acknowledged)
            for _ in range(2):
                async with asyncio.timeout(BOUND):
                    with pytest.raises(Exception, match=r"."):
                        await rooms.log.append(Story().next())

            await asyncio.to_thread(server.start)
            await sound(rooms.log, acknowledged)
            await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))
            assert await rooms.log.head() > before
