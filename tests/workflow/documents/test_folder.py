"""What only a folder on this machine can promise: on the disk for good, ours alone, tidy after a kill."""

import asyncio
import io
import os
import shutil
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from secor_workflow.documents.blobs import Blobs, StoreAwayError

CASE = uuid4()
CONTENT = b"A safety policy."
KEY = sha256(CONTENT).hexdigest()
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def blobs(folder: Path) -> Iterator[Blobs]:
    opened = Blobs.open(folder.as_uri())
    yield opened
    opened.close()


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was flushed to the disk, in its order."""
    paths: list[Path] = []
    flush = os.fsync

    def told(opened: int) -> None:
        flush(opened)
        paths.append(Path(f"/proc/self/fd/{opened}").resolve())

    monkeypatch.setattr(os, "fsync", told)
    return paths


async def put(blobs: Blobs) -> None:
    await blobs.put(CASE, KEY, io.BytesIO(CONTENT), len(CONTENT))


async def test_file_and_folders_are_on_the_disk_when_it_returns(
    blobs: Blobs, folder: Path, flushed: list[Path]
) -> None:
    await put(blobs)
    assert flushed == [folder / str(CASE) / KEY, folder / str(CASE), folder]


async def test_so_is_it_that_something_is_gone(blobs: Blobs, folder: Path, flushed: list[Path]) -> None:
    await put(blobs)
    flushed.clear()
    await blobs.delete(CASE, KEY)
    assert flushed == [folder / str(CASE)]


def test_so_is_the_folder_itself(folder: Path, flushed: list[Path]) -> None:
    Blobs.open(folder.as_uri()).close()
    assert flushed == [folder.parent.parent, folder.parent]


def test_nobody_else_may_look_into_it(blobs: Blobs, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_putting_again_makes_it_young_again(blobs: Blobs, folder: Path) -> None:
    await put(blobs)
    os.utime(folder / str(CASE) / KEY, (0, 0))
    await put(blobs)
    found = await blobs.find(CASE, KEY)
    assert found is not None
    assert found.last_modified > NOW - DAY


async def test_what_others_put_there_is_none_of_ours(blobs: Blobs, folder: Path) -> None:
    await put(blobs)
    (folder / "README").write_text("hands off", "utf-8")
    (folder / "lost+found" / "deep").mkdir(parents=True)
    (folder / "lost+found" / "deep" / KEY).write_bytes(CONTENT)
    (folder / str(CASE) / "notes.txt").write_text("hands off", "utf-8")
    assert [blob.sha256 async for blob in blobs.all()] == [KEY]


async def test_what_a_kill_left_half_written_is_not_seen_and_collected_once_old(blobs: Blobs, folder: Path) -> None:
    await put(blobs)
    old, young = (folder / str(CASE) / f"{KEY}#{number}" for number in (1, 2))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time(), time.time() - 2 * DAY.total_seconds()))

    assert [blob.sha256 async for blob in blobs.all()] == [KEY]
    assert await blobs.unfinished(NOW - DAY, delete=False) == 1
    assert old.exists()
    assert await blobs.unfinished(NOW - DAY, delete=True) == 1
    assert (old.exists(), young.exists()) == (False, True)


async def test_a_folder_that_is_gone_is_said_to_be(blobs: Blobs, folder: Path) -> None:
    shutil.rmtree(folder)
    with pytest.raises(StoreAwayError):
        await blobs.ready()


async def test_it_is_not_made_anew_where_perhaps_a_disk_belongs(blobs: Blobs, folder: Path) -> None:
    shutil.rmtree(folder)
    with pytest.raises(StoreAwayError):
        await put(blobs)
    Blobs.open(folder.as_uri()).close()
    assert [blob async for blob in blobs.all()] == []


async def test_what_is_half_written_may_go_while_it_is_counted(blobs: Blobs, folder: Path) -> None:
    (folder / str(CASE)).mkdir()
    for number in range(1000):
        path = folder / str(CASE) / f"{KEY}#{number}"
        path.write_bytes(b"half")
        os.utime(path, (0, 0))

    await asyncio.gather(*(blobs.unfinished(NOW - DAY, delete=True) for _ in range(4)))

    assert list((folder / str(CASE)).iterdir()) == []


async def test_a_disk_that_takes_nothing_is_said_to_be_away(blobs: Blobs, folder: Path) -> None:
    (folder / str(CASE)).write_text("a file where the case's folder belongs", "utf-8")
    with pytest.raises(StoreAwayError):
        await put(blobs)


def test_a_name_with_a_space_leads_to_the_folder_of_that_name(tmp_path: Path) -> None:
    Blobs.open((tmp_path / "our papers").as_uri()).close()
    assert (tmp_path / "our papers").is_dir()
