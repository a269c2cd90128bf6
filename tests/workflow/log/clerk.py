"""The work of another process of the service: a line read is an order, a line said an answer."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask, RefusedNow
from secor_workflow.domain.context import Role
from secor_workflow.sweep import sweep
from workflow.log.services import a_service
from workflow.log.stories import STAFF, Story, people_of, registration

Answers = AsyncIterator[dict[str, Any]]


async def register(rooms: Rooms, account: str, key: str | None = None) -> Answers:
    """Register an employer, once."""
    try:
        answer = await rooms.handler.handle(
            None, Ask(actor=STAFF, wish=registration(account), body=account.encode(), idempotency_key=key)
        )
    except RefusedNow as no:
        yield {"refused": [refusal.code for refusal in no.refusals]}
    else:
        yield {"text": answer.text, "replayed": answer.replayed}


async def register_on_and_on(rooms: Rooms, tasks: int) -> Answers:
    """Register employers until killed; each answer tells what is acknowledged."""
    done: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def one_after_the_other() -> None:
        while True:
            wish = registration()
            answer = await rooms.handler.handle(None, Ask(actor=STAFF, wish=wish))
            await done.put({"position": answer.case.position, "text": answer.text, "people": people_of(wish)})

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(one_after_the_other())
        while True:
            yield await done.get()


async def append(rooms: Rooms, tasks: int, each: int) -> Answers:
    """Append so many events by so many writers at once; answers with the ids of all."""

    async def one_after_the_other() -> list[UUID]:
        ids, story = [], Story()
        for _ in range(each):
            append = story.next()
            await rooms.log.append(append)
            ids.append(append.event_id)
        return ids

    written = await asyncio.gather(*(one_after_the_other() for _ in range(tasks)))
    yield {"ids": [id_ for ids in written for id_ in ids]}


async def create_key(rooms: Rooms) -> Answers:
    key, secret = await rooms.keys.create(
        actor_id="reviewer-1",
        role=Role.QA_REVIEWER,
        name="made elsewhere",
        account=None,
        by="admin-1",
        now=rooms.clock.now(),
    )
    yield {"key_id": key.key_id, "secret": secret}


async def revoke_key(rooms: Rooms, key_id: str) -> Answers:
    await rooms.keys.revoke(UUID(key_id), rooms.clock.now())
    yield {}


async def sweep_at(rooms: Rooms, now: str) -> Answers:
    await rooms.clock.set(rooms.log.engine, datetime.fromisoformat(now))
    yield {"sent": await sweep(rooms.handler)}


ORDERS: dict[str, Callable[..., Answers]] = {
    order.__name__: order for order in (register, register_on_and_on, append, create_key, revoke_key, sweep_at)
}


def work(url: str, line: socket.socket) -> None:
    """Do what is ordered, until there are no more orders."""
    asyncio.run(_work(url, line))


async def _work(url: str, line: socket.socket) -> None:
    orders, said = await asyncio.open_connection(sock=line)

    async def say(**answer: object) -> None:
        said.write(json.dumps(answer, default=str).encode() + b"\n")
        await said.drain()

    async with a_service(url) as rooms:
        await say(ready=True)
        while text := await orders.readline():
            order = json.loads(text)
            async for answer in ORDERS[order.pop("order")](rooms, **order):
                await say(**answer)
