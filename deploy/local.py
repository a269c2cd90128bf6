"""Both services as processes of this machine, in sandbox mode: what `make run`, `make demo` and the tests start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

STOP_SECONDS = 15
START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an instance keeps its data and listens."""

    home: Path
    workflow_port: int
    notifier_port: int
    environment: Mapping[str, str]

    @property
    def workflow_url(self) -> str:
        return f"http://127.0.0.1:{self.workflow_port}"

    @property
    def notifier_url(self) -> str:
        return f"http://127.0.0.1:{self.notifier_port}"

    @property
    def mailbox(self) -> Path:
        return self.home / "mailbox"

    @property
    def keys_file(self) -> Path:
        return self.home / "keys.env"


def place(home: Path, workflow_port: int = 8000, notifier_port: int = 8001, **more: str) -> Place:
    """An instance in sandbox mode; what the environment already says of it is kept."""
    home = home.resolve()
    given = {
        "SECOR_HOME": str(home),
        "SECOR_SANDBOX": "1",
        "WORKFLOW_PORT": str(workflow_port),
        "NOTIFIER_PORT": str(notifier_port),
        "NOTIFIER_WORKFLOW_URL": f"http://127.0.0.1:{workflow_port}",
    }
    defaults = {"WORKFLOW_SWEEP_SECONDS": "1", "NOTIFIER_TICK_SECONDS": "1"}
    return Place(
        home=home,
        workflow_port=workflow_port,
        notifier_port=notifier_port,
        environment={**defaults, **os.environ, **given, **more},
    )


class PortTakenError(Exception):
    """Somebody listens there already; what they answer would be taken for an answer of ours."""


def need_free_ports(at: Place) -> None:
    """Raises PortTakenError, with what to write instead, if another program listens at one of the two ports."""
    for port in (at.workflow_port, at.notifier_port):
        if _is_taken(port):
            other = max(at.workflow_port, at.notifier_port) + 9
            other += other % 2
            raise PortTakenError(
                f"Port {port} is taken: WORKFLOW_PORT={other} NOTIFIER_PORT={other + 1} SECOR_HOME=.run2 make run"
            )


def _is_taken(port: int) -> bool:
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: who just left is no hindrance
        try:
            ours.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def keys_of(at: Place) -> dict[str, str]:
    """The keys of every role but employer; made on first use and kept in a file that only its owner reads."""
    if at.keys_file.exists():
        return dict(line.split("=", 1) for line in at.keys_file.read_text("utf-8").splitlines() if "=" in line)
    at.home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "secor_workflow", "keys", "env", "--name", "local sandbox"]
    done = subprocess.run(command, env=dict(at.environment), capture_output=True, text=True, check=False)  # noqa: S603 (our own program)
    if done.returncode:
        raise SystemExit(f"The workflow's database cannot be opened:\n{done.stderr[-2000:]}")
    half = at.keys_file.with_suffix(".new")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(done.stdout)
    half.rename(at.keys_file)
    return keys_of(at)


def start(at: Place, service: str, **more: str) -> "subprocess.Popen[bytes]":
    """One service as a process; its log goes to a file in `home`."""
    with (at.home / f"{service}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", f"secor_{service}", "serve"],
            env={**at.environment, **more},
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C of the terminal reaches us alone; we stop them in order
        )


def wait_ready(at: Place, service: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it says that it is ready, or say why it ended."""
    url = at.workflow_url if service == "workflow" else at.notifier_url
    end = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=2) as client:
        while time.monotonic() < end:
            if process.poll() is not None:
                tail = (at.home / f"{service}.log").read_text("utf-8", "replace")[-2000:]
                raise SystemExit(f"The {service} stopped at start (exit {process.returncode}):\n{tail}")
            try:
                if client.get(f"{url}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise SystemExit(f"The {service} was not ready after {START_SECONDS} s; see {at.home / f'{service}.log'}.")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to stop, and insist after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Both services while they run, and the keys that open them."""

    keys: dict[str, str]
    processes: Mapping[str, "subprocess.Popen[bytes]"]

    def ended(self) -> str | None:
        """The name of a service that stopped by itself."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)


@contextmanager
def running(at: Place, keys: dict[str, str] | None = None) -> Iterator[Instance]:
    """Both services, ready, with keys of their own unless others are given. The notifier is stopped first."""
    keys = keys or keys_of(at)
    workflow = start(at, "workflow")
    try:
        wait_ready(at, "workflow", workflow)
        notifier = start(at, "notifier", NOTIFIER_WORKFLOW_KEY=keys["NOTIFIER_KEY"])
        try:
            wait_ready(at, "notifier", notifier)
            yield Instance(keys=keys, processes={"workflow": workflow, "notifier": notifier})
        finally:
            stop(notifier)
    finally:
        stop(workflow)
