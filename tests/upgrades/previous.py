"""The versions of the workflow that came before the one in this folder, taken out of the repository's history."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = "services/workflow/src"
MOST = 5
"""How far to go back for one that runs: a commit within a series may be half of a change."""


@dataclass(frozen=True)
class Previous:
    """One of them, unpacked; it runs with the libraries of this one."""

    commit: str
    source: Path

    def run(self, *command: str, environment: Mapping[str, str]) -> str:
        """A command of it that ends; what it printed."""
        program = [sys.executable, "-m", "secor_workflow", *command]
        return subprocess.run(
            program, env=self._its(environment), check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def serve(self, environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
        with log.open("ab") as file:
            program = [sys.executable, "-m", "secor_workflow", "serve"]
            return subprocess.Popen(program, env=self._its(environment), stdout=file, stderr=file)

    def _its(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, **environment, "PYTHONPATH": str(self.source)}


def previous_versions(folder: Path) -> Iterator[Previous]:
    """The newest first: what SECOR_UPGRADE_FROM names, else the last release, else commits that changed the service."""
    for commit in _candidates():
        archive = _git("archive", "--format=tar", commit, SOURCE)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder / commit, filter="data")
        yield Previous(commit, folder / commit / SOURCE)


def _candidates() -> list[str]:
    if named := os.environ.get("SECOR_UPGRADE_FROM"):
        return [named]
    releases = _lines("tag", "--merged", "HEAD", "--sort=-creatordate")
    changes = _lines("rev-list", f"--max-count={MOST}", "HEAD", "--", SOURCE)
    return [commit for commit in releases[:1] + changes if _differs(commit)]


def _differs(commit: str) -> bool:
    return bool(_lines("diff", "--name-only", commit, "--", SOURCE))


def _lines(*arguments: str) -> list[str]:
    try:
        return _git(*arguments).decode().split()
    except (OSError, subprocess.CalledProcessError):  # no history here, or no git
        return []


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout
