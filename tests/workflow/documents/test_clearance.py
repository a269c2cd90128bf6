"""Bytes from before there was a scanner are scanned before they go out; what was found once stays in for ever."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from secor_workflow.api.rooms import Rooms
from secor_workflow.documents.clearance import clear
from secor_workflow.documents.condition import Verdict
from secor_workflow.documents.scanner import MalwareFoundError, Scanner, ScannerAwayError
from workflow.documents.clamd import EICAR_LIKE, Clamd
from workflow.documents.house import a_case, a_house, put

INFECTED = EICAR_LIKE.decode()


@pytest.fixture
async def clamd() -> AsyncIterator[Clamd]:
    async with Clamd() as running:
        yield running


@pytest.fixture
async def rooms(tmp_path: Path, folder: Path) -> AsyncIterator[Rooms]:
    async with a_house(f"sqlite:///{tmp_path / 'workflow.db'}", folder.as_uri()) as opened:
        yield opened


@pytest.fixture
async def case_id(rooms: Rooms) -> UUID:
    return await a_case(rooms)


async def cleared(rooms: Rooms, case_id: UUID, sha256: str, scanner: Scanner) -> None:
    now = rooms.clock.now()
    await clear(case_id, sha256, blobs=rooms.blobs, conditions=rooms.condition, scanner=scanner, now=now)


async def test_what_was_never_scanned_is_scanned_once(rooms: Rooms, case_id: UUID, clamd: Clamd) -> None:
    sha256 = await put(rooms, case_id, "harmless")
    for _ in range(3):
        await cleared(rooms, case_id, sha256, Scanner(clamd.address))
    assert len(clamd.scanned) == 1
    condition = await rooms.condition.of(case_id, sha256)
    assert condition.verdict is Verdict.CLEAN
    assert condition.scanned_at is not None


async def test_what_is_infected_never_goes_out_not_even_once_the_scanner_is_off(
    rooms: Rooms, case_id: UUID, clamd: Clamd
) -> None:
    sha256 = await put(rooms, case_id, INFECTED)
    for scanner in (Scanner(clamd.address), Scanner(clamd.address), Scanner("")):
        with pytest.raises(MalwareFoundError):
            await cleared(rooms, case_id, sha256, scanner)
    assert len(clamd.scanned) == 1


async def test_without_a_verdict_nothing_goes_out_and_nothing_is_noted(
    rooms: Rooms, case_id: UUID, clamd: Clamd
) -> None:
    sha256 = await put(rooms, case_id, "harmless")
    clamd.mood = "silent"
    with pytest.raises(ScannerAwayError):
        await cleared(rooms, case_id, sha256, Scanner(clamd.address))
    assert (await rooms.condition.of(case_id, sha256)).verdict is None


async def test_without_a_scanner_everything_goes_out_unscanned(rooms: Rooms, case_id: UUID) -> None:
    sha256 = await put(rooms, case_id, INFECTED)
    await cleared(rooms, case_id, sha256, Scanner(""))
    assert (await rooms.condition.of(case_id, sha256)).scanned_at is None


async def test_a_scan_and_an_erasure_are_noted_beside_each_other(rooms: Rooms, case_id: UUID) -> None:
    sha256, now = await put(rooms, case_id, "harmless"), rooms.clock.now()
    await rooms.condition.note_scan(case_id, sha256, Verdict.CLEAN, now)
    await rooms.condition.note_erasure(case_id, sha256, by="admin-1", reason="asked to", now=now)
    await rooms.condition.note_erasure(case_id, sha256, by="admin-2", reason="asked again", now=now)

    condition = await rooms.condition.of(case_id, sha256)

    assert (condition.verdict, condition.scanned_at) == (Verdict.CLEAN, now)
    assert (condition.erased_by, condition.erased_for, condition.erased_at) == ("admin-1", "asked to", now)
