"""A small disk of our own that can be full: for the folder of a database, and for nobody else's files."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sys import platform
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from faults.load import Load
from faults.mishaps import Happens
from faults.scene import Scene


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A folder that is a file system of its own, in memory; the test is skipped where none can be mounted."""
    with TemporaryDirectory(prefix="secor-disk-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", name]
        if platform != "linux" or os.geteuid():
            pytest.skip("only root on Linux can mount a small disk")
        done = subprocess.run(mount, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def disk_full(folder: Path) -> Happens:
    """Nothing can be written for a while; what is there can be read."""

    async def happens(scene: Scene, load: Load) -> None:
        ballast = _fill(folder)
        await load.is_turned_away()
        await scene.head()
        ballast.unlink()

    return happens


def log_full(folder: Path) -> Happens:
    """PostgreSQL has no room for its write-ahead log, ends itself, and is started again once there is room."""

    async def happens(scene: Scene, load: Load) -> None:
        ballast = _fill(folder)
        with suppress(asyncpg.PostgresError, OSError):
            async with scene.rival() as rival:
                while True:
                    await rival.execute("SELECT pg_logical_emit_message(true, 'full', repeat('x', 1000000))")
        await load.is_turned_away()
        ballast.unlink()
        await asyncio.to_thread(scene.server.stop, "immediate")
        await asyncio.to_thread(scene.server.start)

    return happens


def _fill(folder: Path) -> Path:
    """Leave no room at all."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while file.write(bytes(piece)):
                    pass
    return ballast
