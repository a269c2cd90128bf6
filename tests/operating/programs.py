"""Our programs as an operator meets them: a command, its end, and what it said on which stream."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from forking import CONTEXT
from secor_notifier.cli.program import cli as notifier
from secor_workflow.cli.program import main as workflow

SERVICES = {"workflow": workflow, "notifier": notifier}
PATIENCE = 30


def ran(service: str, *arguments: str, **environment: str) -> Result:
    """A command in this process, to its end."""
    unset = {"WORKFLOW_AUTO_MIGRATE": None, "NOTIFIER_AUTO_MIGRATE": None}  # as an operator has it
    return CliRunner().invoke(SERVICES[service], arguments, env={**unset, **environment})


class Running:
    """A command as a process of its own, to be waited for or sent a signal; its streams are files in a folder."""

    def __init__(self, service: str, *arguments: str, streams: Path, **environment: str) -> None:
        self._streams = streams
        self._process: Any = CONTEXT.Process(
            target=_run, args=(service, arguments, environment, str(streams)), daemon=True
        )
        self._process.start()

    def send(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def ended(self) -> int:
        """With which number; negative if it was by a signal."""
        self._process.join(PATIENCE)
        assert self._process.exitcode is not None, "it goes on and on"
        return int(self._process.exitcode)

    @property
    def goes_on(self) -> bool:
        return bool(self._process.is_alive())

    @property
    def said(self) -> str:
        return (self._streams / "stdout").read_text("utf-8")

    @property
    def complained(self) -> str:
        return (self._streams / "stderr").read_text("utf-8")


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def _run(service: str, arguments: tuple[str, ...], environment: Mapping[str, str], streams: str) -> None:
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal: in a script's background it is ignored
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        opened = os.open(Path(streams) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, stream.fileno())
    program = import_module(f"secor_{service}.cli.program")
    (program.main if service == "workflow" else program.cli)(arguments)
