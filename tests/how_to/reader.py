"""Runs what a person would run who follows a page of docs/how-to."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from workflow.api.service import Service

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"


def environment(service: Service, **more: str) -> dict[str, str]:
    """What the pages tell to export."""
    keys = {"READER_KEY": service.reader.key or "", "STAFF_KEY": service.staff.key or ""}
    return {**os.environ, "WORKFLOW_URL": service.url, **keys, **more}


def run(
    service: Service, program: str, *arguments: str | Path, cwd: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """An example, until it ends."""
    command = [sys.executable, EXAMPLES / program] if program.endswith(".py") else [EXAMPLES / program]
    return subprocess.run(
        [str(part) for part in (*command, *arguments)],
        cwd=cwd,
        env=environment(service, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def beside(notifier: str) -> Mapping[str, str]:
    """What stands elsewhere here than on the pages."""
    return {
        "http://127.0.0.1:8001": notifier,
        "8787": str(free_port()),
        ".venv/bin/python": sys.executable,
        "docs/examples": str(EXAMPLES),
    }
