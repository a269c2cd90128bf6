"""Sixty-four write, readers in other processes follow, and the services are stopped and killed: no gap, no repeat.

SECOR_SOAK_SECONDS makes it go on for longer.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, cycle
from pathlib import Path

import httpx
import pytest

from feed.commands import Employer
from feed.processes import Process

WRITERS = 64
READERS = ("sse", "poll", "sse", "poll")
RESTARTS, BETWEEN = 2, 100
"""Commands that are granted before each restart; as many more are sent while it lasts, however long that is."""
SOAK_SECONDS = float(os.environ.get("SECOR_SOAK_SECONDS", "0"))
BREATH_SECONDS = 0.5
TESTS = Path(__file__).parents[1]


@contextmanager
def a_reader(form: str, urls: list[str], key: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "FEED_KEY": key, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, str(Path(__file__).with_name("reader.py")), form, *urls]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def granted(client: httpx.AsyncClient, employer: Employer, urls: Iterator[str]) -> None:
    """One command, sent until it is answered."""
    path, body, once = employer.next()
    while True:
        try:
            answer = await client.post(next(urls) + path, json=body, headers=once)
        except httpx.TransportError:
            pass
        else:
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                employer.heard(answer)
                return
        await asyncio.sleep(BREATH_SECONDS)


class Writing:
    """What has been granted so far, what shall be sent, and whether it is enough."""

    def __init__(self) -> None:
        self.granted, self._enough = 0, False
        self._more, self._wanted = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def go_on(self, client: httpx.AsyncClient, urls: Iterator[str]) -> None:
        """Command after command of one case."""
        employer = Employer()
        while await self._wanted.acquire() and not self._enough:
            await granted(client, employer, urls)
            self.granted += 1
            self._more.release()

    async def get_on(self, number: int) -> None:
        """Until so many more are granted, and go on with as many again."""
        self._more = asyncio.Semaphore(0)
        self._want(2 * number)
        for _ in range(number):
            await self._more.acquire()

    def end(self) -> None:
        """Each writer ends after the command it is at."""
        self._enough = True
        self._want(WRITERS)

    def _want(self, number: int) -> None:
        for _ in range(number):
            self._wanted.release()


async def restart(processes: list[Process], writing: Writing) -> None:
    """One after the other, stopped and killed by turns, in the midst of writing."""
    began = time.monotonic()
    for number in count():
        await writing.get_on(BETWEEN)
        if number >= RESTARTS and time.monotonic() - began >= SOAK_SECONDS:
            return
        process = processes[(number + number // 2) % len(processes)]
        await asyncio.to_thread(process.kill if number % 2 else process.terminate)
        await asyncio.to_thread(process.start)


async def write_through_restarts(processes: list[Process]) -> int:
    """How many commands were granted."""
    writing, urls = Writing(), [process.url for process in processes]
    key = processes[0].keys["STAFF_KEY"]
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=WRITERS)
    async with (
        httpx.AsyncClient(headers=headers, timeout=10, limits=limits) as client,
        asyncio.TaskGroup() as writers,
    ):
        for _ in range(WRITERS):
            writers.create_task(writing.go_on(client, cycle(urls)))
        await restart(processes, writing)
        writing.end()
    return writing.granted


@pytest.mark.timeout(180 + 2 * SOAK_SECONDS)
def test_each_reader_is_given_every_position_once_and_in_order(
    serve: Callable[..., Process], database_url: str, engine_kind: str
) -> None:
    number = 1 if engine_kind == "sqlite" else 2  # a SQLite file belongs to one process
    with ExitStack() as stack:
        processes = [stack.enter_context(serve(database_url, heartbeat_seconds=0.5)) for _ in range(number)]
        urls, key = [process.url for process in processes], processes[0].keys["READER_KEY"]
        readers = [stack.enter_context(a_reader(form, urls, key)) for form in READERS]

        last = asyncio.run(write_through_restarts(processes))
        read = [json.loads(reader.communicate(f"{last}\n", timeout=60)[0]) for reader in readers]

        assert read == [list(range(1, last + 1))] * len(READERS)
    assert not processes[0].log_says("Traceback")
