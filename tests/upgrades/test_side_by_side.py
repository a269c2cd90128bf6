"""A rolling upgrade: the version before and this one serve one database together, and either could go on alone.

The version before is the last release, or the last commit that changed the service. In a clone without history there is
none: the test is left out then, or fails if SECOR_REQUIRE_PREVIOUS=1 says that there must be one.
"""

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest

from databases import PostgresServer
from feed.commands import Employer
from feed.processes import free_port
from loopback import NO_TLS
from scale.members import PATIENCE, a_workflow
from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate
from secor_workflow.log.upkeep import verify
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from upgrades.previous import Previous, previous_versions
from workflow.api.service import settings_for

ENOUGH = 30
"""Commands on each stretch of the way."""
PAUSE = 0.02
"""Seconds between two commands of a client: the load is to be steady, not to fill the machine."""


class Old:
    """A process of the version before; it never migrates by itself."""

    def __init__(self, version: Previous, environment: dict[str, str], home: Path) -> None:
        self.version = version
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**environment, "WORKFLOW_PORT": str(self.port), "WORKFLOW_AUTO_MIGRATE": "false"}
        self._log = home / "old.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        """Until it answers; whether it is ready, a version of before the rule of names cannot tell."""
        self._process = self.version.serve(self.environment, self._log)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{self.url}/livez")
            except httpx.TransportError:
                assert self._process.poll() is None, self._log.read_text("utf-8")[-2000:]
                assert time.monotonic() < until
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)


class Visitors:
    """Clients who do not care who answers: each command of a case goes to the next of those that serve."""

    def __init__(self, key: str, *serving: str) -> None:
        self._key = key
        self._serving = serving
        self.written: list[int] = []
        self._at: Counter[str] = Counter()
        self._stopping = False
        self._moved = threading.Condition()

    @contextmanager
    def busy(self) -> Iterator[None]:
        with ThreadPoolExecutor(3) as threads:
            working = [threads.submit(self._work) for _ in range(3)]
            try:
                yield
            finally:
                self._stopping = True
                for one in working:
                    one.result()

    def go_to(self, *serving: str) -> None:
        """From now on to these; when they have written so much more, and nobody waits for an answer elsewhere."""
        with self._moved:
            self._serving = serving
            goal = len(self.written) + ENOUGH
            assert self._moved.wait_for(lambda: self._has_gone(goal) or self._stopping, PATIENCE)
        assert not self._stopping, "a request failed"

    def _has_gone(self, goal: int) -> bool:
        return len(self.written) >= goal and all(url in self._serving for url, number in self._at.items() if number)

    def _work(self) -> None:
        try:
            with a_client(self._key) as web:
                while not self._stopping:
                    employer = Employer()
                    for number in range(12):
                        with self._next(number) as url:
                            path, body, headers = employer.next()
                            position = employer.heard(web.post(f"{url}{path}", json=body, headers=headers))
                            self.written.append(position)
                        threading.Event().wait(PAUSE)
        finally:
            with self._moved:
                self._stopping = True
                self._moved.notify_all()

    @contextmanager
    def _next(self, number: int) -> Iterator[str]:
        with self._moved:
            url = self._serving[number % len(self._serving)]
            self._at[url] += 1
        try:
            yield url
        finally:
            with self._moved:
                self._at[url] -= 1
                self._moved.notify_all()


def a_client(key: str) -> httpx.Client:
    """One that keeps no connections: what becomes of those is another test's question."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(headers={"Authorization": f"Bearer {key}"}, limits=limits, timeout=PATIENCE, verify=NO_TLS)


@pytest.fixture
def old(postgres: PostgresServer, tmp_path: Path) -> Iterator[tuple[Old, str, str]]:
    """The newest version before this one that runs, a staff key, and the address of the database that it made."""
    for version in previous_versions(tmp_path):
        url = postgres.url(postgres.create_database())
        environment = {"SECOR_HOME": str(tmp_path), "SECOR_SANDBOX": "1", "WORKFLOW_DATABASE_URL": url}
        environment |= {"WORKFLOW_SWEEP_SECONDS": "3600"}
        with ExitStack() as stack:
            try:
                made = version.run("keys", "env", environment=environment | {"WORKFLOW_AUTO_MIGRATE": "true"})
                running = stack.enter_context(Old(version, environment, tmp_path))
            except (subprocess.CalledProcessError, AssertionError):
                continue  # half of a change: nobody has ever run it
            yield running, dict(line.split("=", 1) for line in made.split())["STAFF_KEY"], url
            return
    refuse = pytest.fail if os.environ.get("SECOR_REQUIRE_PREVIOUS") == "1" else pytest.skip
    refuse("this clone holds no version before this one; SECOR_UPGRADE_FROM names a commit or tag")


def test_the_version_before_and_this_one_serve_together(old: tuple[Old, str, str], tmp_path: Path) -> None:
    before, key, url = old
    visitors = Visitors(key, before.url)
    with visitors.busy():
        visitors.go_to(before.url)
        asyncio.run(_expand(url))  # the first step of an upgrade, while the old ones serve
        visitors.go_to(before.url)
        with a_workflow(url, documents_url=(tmp_path / "documents").as_uri()) as after:
            visitors.go_to(before.url, after.url)
            visitors.go_to(after.url)
            before.stop()
            before.start()  # a machine may restart an old one in the midst of it
            visitors.go_to(before.url, after.url)
            visitors.go_to(before.url)  # and the operator may change their mind

    assert sorted(visitors.written) == list(range(1, len(visitors.written) + 1))
    assert asyncio.run(_faults(url)) == []


async def _expand(url: str) -> None:
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()


async def _faults(url: str) -> list[str]:
    rooms = build_rooms(settings_for(url, auto_migrate=False))
    try:
        await open_rooms(rooms)
        return await verify(rooms.log, rooms.policies, lambda _done, _of: None)
    finally:
        await close_rooms(rooms)
