"""The workflow as processes of their own, one or several on one database, watched from outside like in production."""

import asyncio
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from local import Place, place, start, stop, wait_ready
from loopback import NO_TLS
from secor_workflow.domain.context import Role
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from workflow.api.service import settings_for
from workflow.template import WORKFLOW

PORTS = range(10_000, 20_000)  # none that the kernel lends to clients: one of them might get it between two starts
PATIENCE = 20.0


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def a_place(home: Path, database_url: str, **settings: object) -> Place:
    """Where one process shall run; several with the same home and database share their keys."""
    given = {"sweep_seconds": 3600, **settings}
    said = {f"WORKFLOW_{name.upper()}": str(value) for name, value in given.items()}
    return place(home, free_port(), free_port(), WORKFLOW_DATABASE_URL=database_url, **said)


class Process:
    """`with Process(at) as process:` and it answers; it may be ended and started again."""

    def __init__(self, at: Place) -> None:
        self.at, self.url = at, at.workflow_url
        WORKFLOW.begin(at.environment["WORKFLOW_DATABASE_URL"])
        self.keys = asyncio.run(_new_keys(at))
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            stop(self._running)

    def start(self) -> None:
        self.at.home.mkdir(exist_ok=True)
        self._running = start(self.at, "workflow")
        wait_ready(self.at, "workflow", self._running)

    def terminate(self) -> tuple[int, float]:
        """Ask it to stop (SIGTERM); its exit code, and how many seconds it took."""
        assert self._running is not None
        asked = time.monotonic()
        self._running.terminate()
        return self._running.wait(PATIENCE), time.monotonic() - asked

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(PATIENCE)

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def client(self, role: str = "READER") -> httpx.Client:
        """A client with the key of a role, to be closed."""
        headers = {"Authorization": f"Bearer {self.keys[f'{role}_KEY']}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE, verify=NO_TLS)

    def measured(self, name: str) -> float:
        """What its metrics say of itself now."""
        found = re.search(rf"^{name} (.+)$", httpx.get(f"{self.url}/metrics", verify=NO_TLS).text, re.MULTILINE)
        assert found
        return float(found[1])

    @property
    def live_clients(self) -> int:
        return int(self.measured("secor_workflow_live_clients"))

    def log_says(self, words: str) -> bool:
        return words in (self.at.home / "workflow.log").read_text("utf-8")


async def _new_keys(at: Place) -> dict[str, str]:
    """A key of each role that reads or writes here, by the names that `keys env` gives them."""
    rooms = build_rooms(settings_for(at.environment["WORKFLOW_DATABASE_URL"]))
    try:
        await open_rooms(rooms)
        made = {}
        for role in (Role.STAFF, Role.READER, Role.NOTIFIER):
            _, made[f"{role.upper()}_KEY"] = await rooms.keys.create(
                actor_id=role, role=role, name="tests", account=None, by="tests", now=rooms.clock.now()
            )
    finally:
        await close_rooms(rooms)
    return {name: secret for name, secret in made.items() if secret}


def eventually(question: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Ask over and over until it is true."""
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, f"It did not become true within {seconds} s."
        time.sleep(0.02)
