"""The service and its peers as processes, each on a port of its own and on the same server, uvicorn with uvloop."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 60
PLENTY = "100000000"
"""The limits are counted as always, but nobody reaches them: a benchmark is one caller at one address."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that answers at a port."""

    port: int
    process: subprocess.Popen[bytes]
    key: str = ""
    ready_after: float = 0
    """Seconds from its start to its first answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def service(database: str, home: Path, role: str = "staff") -> Iterator[Serving]:
    """The workflow service as it is run in production, with a key of a role."""
    environment = {
        "WORKFLOW_DATABASE_URL": database,
        "SECOR_HOME": str(home),
        "WORKFLOW_RATE_PER_CALLER": PLENTY,
        "WORKFLOW_RATE_PER_ADDRESS": PLENTY,
    }
    program = [sys.executable, "-m", "secor_workflow"]

    _said(program, environment, "migrate")
    key = _said(program, environment, "keys", "create", "--role", role)
    port = free_port()
    began = time.perf_counter()
    with _running([*program, "serve", "--port", str(port)], port, "/readyz", environment) as process:
        yield Serving(port, process, key, time.perf_counter() - began)


@contextmanager
def notifier(workflow: Serving, home: Path) -> Iterator[Serving]:
    """The notifier beside a workflow, with its defaults."""
    port = free_port()
    environment = {
        "NOTIFIER_WORKFLOW_URL": workflow.url,
        "NOTIFIER_WORKFLOW_KEY": workflow.key,
        "SECOR_HOME": str(home),
    }
    program = [sys.executable, "-m", "secor_notifier"]
    _said(program, environment, "migrate")
    began = time.perf_counter()
    with _running([*program, "serve", "--port", str(port)], port, "/readyz", environment) as process:
        yield Serving(port, process, "", time.perf_counter() - began)


@contextmanager
def peer(name: str, *, python: str = sys.executable, database: str = "") -> Iterator[Serving]:
    """One of `peers/`; it may have a Python of its own, with its own packages."""
    port = free_port()
    url = urlsplit(database)
    environment = {
        "PYTHONPATH": os.pathsep.join([str(HERE / "peers"), str(ROOT / "services" / "workflow" / "src")]),
        "BENCH_DATABASE": database,
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": url.path.lstrip("/"),
        "POSTGRES_HOST": url.hostname or "",
        "POSTGRES_PORT": str(url.port or ""),
        "POSTGRES_USER": url.username or "",
        "POSTGRES_PASSWORD": url.password or "",
        "POSTGRES_POOL_SIZE": "20",
        "POSTGRES_MAX_OVERFLOW": "20",
    }
    program = [python, "-m", "uvicorn", f"{name}:app", "--port", str(port), "--no-access-log", "--loop", "uvloop"]
    with _running([*program, "--http", "httptools", "--log-level", "warning"], port, "/docs", environment) as process:
        yield Serving(port, process)


def _said(program: list[str], environment: Mapping[str, str], *command: str) -> str:
    """What a command says that is run to its end."""
    asked = [*program, *command]
    done = subprocess.run(asked, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def _running(
    command: list[str], port: int, probe: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with TemporaryFile() as said:  # a pipe that nobody reads would stop it
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=said, stderr=said)
        try:
            _wait_until_it_answers(process, f"http://127.0.0.1:{port}{probe}", said)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, said: IO[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 (our own server)
        except (URLError, OSError):
            if process.poll() is not None:
                said.seek(0)
                raise RuntimeError(f"it did not start:\n{said.read().decode()[-3000:]}") from None
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
