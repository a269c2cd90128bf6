"""Workers of the workflow as processes, on the same port and database whenever they are started."""

import asyncio
import os
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any

import httpx

from faults.waiting import PATIENCE
from feed.processes import free_port
from forking import CONTEXT
from loopback import NO_TLS
from secor_workflow.main import create_app
from secor_workflow.server import server_of
from secor_workflow.settings import Settings

PLENTY = 100_000_000
"""The limits are counted as always, but nobody reaches them: all load is one caller at one address."""


class Worker:
    """One process, and what it is told at each start."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.port = free_port()
        self._said = {
            "SECOR_HOME": str(home),
            "database_url": database_url,
            "port": self.port,
            "auto_migrate": False,
            "sweep_seconds": 1,
            "rate_per_caller": PLENTY,
            "rate_per_address": PLENTY,
        }
        self._process: Any = None  # multiprocessing's own, of a class which its context makes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, context: ForkServerContext | SpawnContext = CONTEXT) -> None:
        """Return as soon as it is ready."""
        self._process = context.Process(target=serve, args=(self._said,), daemon=True)
        await asyncio.to_thread(self._process.start)
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(verify=NO_TLS, trust_env=False) as client:
            while not await _is_ready(client, self.url):
                assert self._process.is_alive(), f"the worker ended: {self._process.exitcode}"
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx.TransportError:
        return False


def serve(said: Mapping[str, Any]) -> None:
    """What `secor-workflow serve` does; its log goes to a file in its home."""
    home = Path(said["SECOR_HOME"])
    home.mkdir(exist_ok=True)
    log = os.open(home / "workflow.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    settings = Settings.model_validate(said)
    server_of(create_app(settings), settings).run()
