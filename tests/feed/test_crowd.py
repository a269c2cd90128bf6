"""Three hundred listeners at one process: each hears everything, and what they cost is little."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from feed.commands import Employer
from feed.processes import Process, eventually

LISTENERS, WRITERS, EACH = 300, 20, 8
LAST = WRITERS * EACH
PER_LISTENER = 256 * 1024
"""Bytes that one more listener may cost."""
POSITION = re.compile(rb'data: \{"position":([0-9]+),')


@asynccontextmanager
async def a_listener(process: Process) -> AsyncIterator[asyncio.StreamReader]:
    """A bare connection: an HTTP client for each would take more of this machine than the service."""
    reader, writer = await asyncio.open_connection("127.0.0.1", process.at.workflow_port)
    asked = ("GET /v1/events HTTP/1.1", "Host: x", "Accept: text/event-stream")
    key = f"Authorization: Bearer {process.keys['READER_KEY']}"
    writer.write("\r\n".join([*asked, key, "", ""]).encode())
    try:
        assert b" 200 " in await reader.readline()
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


async def heard(reader: asyncio.StreamReader) -> list[int]:
    """Positions up to the last."""
    found: list[int] = []
    while not found or found[-1] != LAST:
        line = await reader.readline()
        assert line, "the stream ended"
        found += [int(position) for position in POSITION.findall(line)]
    return found


async def commands(process: Process) -> None:
    headers = {"Authorization": f"Bearer {process.keys['STAFF_KEY']}"}
    async with httpx.AsyncClient(base_url=process.url, headers=headers, timeout=60) as client:

        async def one_after_the_other() -> None:
            employer = Employer()
            for _ in range(EACH):
                path, body, key = employer.next()
                employer.heard(await client.post(path, json=body, headers=key))

        await asyncio.gather(*(one_after_the_other() for _ in range(WRITERS)))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_three_hundred_listeners_hear_everything_while_commands_go_on(
    serve: Callable[..., Process], database_url: str
) -> None:
    process = await asyncio.to_thread(serve, database_url)
    await asyncio.to_thread(process.start)
    try:
        before = process.measured("process_resident_memory_bytes")
        async with AsyncExitStack() as stack:
            crowd = [await stack.enter_async_context(a_listener(process)) for _ in range(LISTENERS)]
            assert process.live_clients == LISTENERS

            *all_heard, _ = await asyncio.gather(*(heard(reader) for reader in crowd), commands(process))

            assert all_heard == [list(range(1, LAST + 1))] * LISTENERS
            assert process.measured("process_resident_memory_bytes") - before < LISTENERS * PER_LISTENER
        await asyncio.to_thread(eventually, lambda: process.live_clients == 0)
    finally:
        await asyncio.to_thread(process.terminate)
    assert not process.log_says("Traceback")
