"""Processes of both services side by side on one PostgreSQL, each on a port of its own, started and stopped singly."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

import httpx
from pydantic import SecretStr

from feed.processes import free_port
from forking import CONTEXT
from loopback import NO_TLS
from secor_notifier import main as notifier
from secor_notifier.server import server_of as notifier_server
from secor_notifier.settings import Settings as NotifierSettings
from secor_workflow.domain.context import Role
from secor_workflow.main import build_rooms, close_rooms, create_app, open_rooms
from secor_workflow.server import server_of
from workflow.api.service import settings_for

PATIENCE = 30.0
Given = dict[str, Any]


class Member:
    """`with Member(run, **settings) as member:` and it is ready; `restart` lets it go in good order and come back."""

    def __init__(self, run: Callable[[Given], None], **given: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._run, self._given = run, {**given, "port": self.port}
        self._process: BaseProcess | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def start(self) -> None:
        self._process = CONTEXT.Process(target=self._run, args=(self._given,), daemon=True)
        self._process.start()

    def wait_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self.is_ready():
            assert self._process is not None
            assert self._process.is_alive(), f"It ended at start: {self._process.exitcode}"
            assert time.monotonic() < until, f"It was not ready within {PATIENCE} s."
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", verify=NO_TLS).is_success
        except httpx.TransportError:
            return False

    def ask_to_stop(self) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGTERM)

    def wait_stopped(self) -> None:
        assert self._process is not None
        self._process.join(PATIENCE)
        assert self._process.exitcode in {0, -signal.SIGTERM}, self._process.exitcode

    def restart(self) -> None:
        self.ask_to_stop()
        self.wait_stopped()
        self.start()
        self.wait_ready()


def a_workflow(database_url: str, **more: object) -> Member:
    return Member(_serve_workflow, database_url=database_url, auto_migrate=False, **more)


def a_notifier(database_url: str, home: Path, workflow_url: str, key: str, **more: object) -> Member:
    given = {"home": str(home), "workflow_url": workflow_url, "key": key, "auto_migrate": False}
    return Member(_serve_notifier, database_url=database_url, **given, **more)


def _serve_workflow(given: Given) -> None:
    settings = settings_for(**given)
    server_of(create_app(settings), settings).run()


def _serve_notifier(given: Given) -> None:
    key = SecretStr(given.pop("key"))
    settings = NotifierSettings(sandbox=True, workflow_key=key, tick_seconds=0.2, poll_seconds=1, **given)
    notifier_server(notifier.create_app(settings), settings).run()


def new_keys(database_url: str, *actors: tuple[str, Role]) -> dict[str, str]:
    """A key for each actor, made beside the API as the command line does."""

    async def make() -> dict[str, str]:
        rooms = build_rooms(settings_for(database_url, auto_migrate=False))
        try:
            await open_rooms(rooms)
            made = {}
            for actor, role in actors:
                _, secret = await rooms.keys.create(
                    actor_id=actor, role=role, name="tests", account=None, by="tests", now=rooms.clock.now()
                )
                made[actor] = secret or ""
        finally:
            await close_rooms(rooms)
        return made

    return asyncio.run(make())


def client(url: str, key: str) -> httpx.Client:
    """An ordinary client, which keeps its connections; to be closed."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE, verify=NO_TLS)
