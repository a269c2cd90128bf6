"""Writers of one process, appending events: `python appending.py log|table-lock URL SECONDS` says how many a second."""

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count

import asyncpg
import uvloop
from uuid_utils.compat import uuid7

from secor_workflow.database.tables import events
from secor_workflow.log.append import Append, Appended
from workflow.log.services import a_log
from workflow.log.stories import Story

WRITERS = 64
CONNECTIONS = 16
PLENTY = 25_000
"""Appends made for each second; no log takes as many."""
TEMPLATE = Story().next()
ACCOUNTS = count(time.time_ns() // 10_000)
"""No two runs on one database may share any."""
INSERT = (
    "INSERT INTO events (position, case_id, version, event_id, type, actor, idempotency_key, request_digest, body) "
    "SELECT coalesce(max(position), 0) + 1, $1, 1, $2, $3, $4, $5, $6, $7 FROM events"
)


def another() -> Append:
    """A registration like any other, made without deciding anew."""
    return replace(
        TEMPLATE,
        case_id=uuid7(),
        event_id=uuid7(),
        row=TEMPLATE.row | {"worksafebc_account": f"{next(ACCOUNTS)}"},
        idempotency_key=secrets.token_hex(16),
        request_digest=secrets.token_hex(32),
    )


async def writing(append: Callable[[Append], Awaitable[object]], writers: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    ready = [
        another() for _ in range(int(seconds * PLENTY))
    ]  # what is measured is the log, not who makes what it takes
    ends, done = loop.time() + seconds, 0

    async def one() -> None:
        nonlocal done
        while loop.time() < ends:
            await append(ready.pop())
            done += 1

    await asyncio.gather(*(one() for _ in range(writers)))
    return done / seconds


async def by_the_log(url: str, seconds: float) -> float:
    async with a_log(url) as log:

        async def append(one: Append) -> None:
            assert isinstance(await log.append(one), Appended)

        await writing(append, WRITERS, 0.5)
        return await writing(append, WRITERS, seconds)


async def by_a_table_lock(url: str, seconds: float) -> float:
    """One transaction for each event, and a lock of the whole table until it is durable."""
    async with asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:

        async def append(one: Append) -> None:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("LOCK TABLE events IN EXCLUSIVE MODE")
                given = (one.case_id, one.event_id, one.type, one.actor, one.idempotency_key, one.request_digest)
                await connection.execute(INSERT, *given, one.text)

        return await writing(append, WRITERS, seconds)


def script() -> str:
    """The same row as a script of pgbench; its position comes from a sequence."""
    values = {
        "position": "nextval('bench_position')",
        "case_id": "gen_random_uuid()",
        "version": "1",
        "event_id": "gen_random_uuid()",
        "type": f"'{TEMPLATE.type}'",
        "actor": f"'{TEMPLATE.actor}'",
        "idempotency_key": "md5(random() || '')",
        "request_digest": "md5(random() || '') || md5(random() || '')",
        "body": f"'{TEMPLATE.text.replace(':', '=')}'",  # pgbench takes a colon for a variable
    }
    row = ", ".join(values[column.name] for column in events.columns)
    columns = ", ".join(column.name for column in events.columns)
    return f"INSERT INTO events ({columns}) VALUES ({row})"  # noqa: S608 (our own names and texts)


if __name__ == "__main__":
    kind, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    measured = by_the_log if kind == "log" else by_a_table_lock
    sys.stdout.write(str(uvloop.run(measured(url, seconds))))
