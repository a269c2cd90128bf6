"""Runs what a person would run who follows a page of docs/how-to."""

import os
import subprocess
import sys
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
