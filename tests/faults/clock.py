"""The clock of one worker, set back and forth while it runs; those by which timers go run on, as on any machine."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from faults.load import Load
from faults.mishaps import Happens
from faults.scene import Scene

SHIM = Path(__file__).with_name("clock_shift.c")
FARTHEST = 2 * 24 * 3600
"""Seconds; before the first deadline of a case that was just registered."""


def clock_set(file: Path) -> Happens:
    """Back or forth by up to two days, while the other worker's clock goes right."""

    async def happens(scene: Scene, load: Load) -> None:
        _set(file, scene.chance.randint(-FARTHEST, FARTHEST))
        await load.grows_by(20)
        limits = await scene.ask(scene.workers[0], "/v1/events/head")
        minute = re.findall(r"t=(\d+)", limits.headers["ratelimit"])
        assert max(map(int, minute)) <= 60, "a minute of a limit lasts a minute, whatever the clock says"

    return happens


async def with_a_clock_of_its_own(scene: Scene, file: Path) -> None:
    """Start the first worker again, with the shim before its C library."""
    if (compiler := shutil.which("cc")) is None:
        pytest.skip("no C compiler here to make a clock that can be set")
    shim = file.with_suffix(".so")
    made: list[str | Path] = [compiler, "-shared", "-fPIC", "-O2", "-o", shim, SHIM, "-ldl"]
    await asyncio.to_thread(lambda: subprocess.run(made, check=True))
    _set(file, 0)
    scene.workers[0].kill()
    with _environment(LD_PRELOAD=str(shim), SHIFT_FILE=str(file)):
        await scene.workers[0].start(get_context("spawn"))


def _set(file: Path, ahead: int) -> None:
    with file.open("r+b" if file.exists() else "wb") as written:
        written.write(ahead.to_bytes(8, "little", signed=True))


@contextmanager
def _environment(**more: str) -> Iterator[None]:
    """For the processes that are started meanwhile."""
    os.environ.update(more)
    try:
        yield
    finally:
        for name in more:
            del os.environ[name]
