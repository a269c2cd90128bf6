"""`verify` reads every document's bytes and names what is missing, altered, or there although it was erased."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import obstore
import pytest

from secor_workflow.api.rooms import Rooms
from secor_workflow.documents.places import bucket_of, folder_of
from workflow.documents.house import a_case, a_house, digest_of, handed_in, put, upkeep_of
from workflow.files import pdf


@pytest.fixture
async def rooms(store: str, tmp_path: Path) -> AsyncIterator[Rooms]:
    async with a_house(f"sqlite:///{tmp_path / 'workflow.db'}", store) as opened:
        yield opened


@pytest.fixture
async def case_id(rooms: Rooms) -> UUID:
    """A case to which three documents were handed in."""
    registered = await a_case(rooms)
    for words in ("one", "two", "three"):
        await handed_in(rooms, registered, words)
    return registered


async def faults(rooms: Rooms) -> list[str]:
    return await upkeep_of(rooms).verify(lambda _done, _of: None)


def overwrite(store: str, case_id: UUID, words: str, content: bytes) -> None:
    """Behind the service's back."""
    path = f"{case_id}/{digest_of(words)}"
    if folder := folder_of(store):
        (folder / path).write_bytes(content)
    else:
        obstore.put(bucket_of(store), path, content)


async def test_a_store_that_holds_what_the_log_says_has_no_fault(rooms: Rooms, case_id: UUID) -> None:
    await put(rooms, case_id, "nobody's")
    assert await faults(rooms) == []


async def test_missing_bytes_are_found(rooms: Rooms, case_id: UUID) -> None:
    await rooms.blobs.delete(case_id, digest_of("two"))
    assert await faults(rooms) == [f"case {case_id}: the bytes {digest_of('two')} of a document are missing"]


async def test_what_is_erased_while_it_is_verified_is_not_missing(
    rooms: Rooms, case_id: UUID, store: str, tmp_path: Path
) -> None:
    async def erase() -> None:
        async with a_house(f"sqlite:///{tmp_path / 'workflow.db'}", store) as others:
            these, now = digest_of("three"), others.clock.now()
            await others.condition.note_erasure(case_id, these, by="admin-1", reason="asked to", now=now)
            await others.blobs.delete(case_id, these)

    def once_the_first_was_read(done: int, _of: int) -> None:
        if done == len(pdf("one")):
            thread = threading.Thread(target=asyncio.run, args=(erase(),))
            thread.start()
            thread.join()

    assert await upkeep_of(rooms).verify(once_the_first_was_read) == []
    assert not await rooms.blobs.has(case_id, digest_of("three"))


async def test_one_altered_bit_is_found(rooms: Rooms, case_id: UUID, store: str) -> None:
    altered = bytearray(pdf("two"))
    altered[20] ^= 1
    overwrite(store, case_id, "two", bytes(altered))

    (fault,) = await faults(rooms)

    assert f"the bytes {digest_of('two')} of a document were altered" in fault


async def test_bytes_that_were_cut_off_are_found(rooms: Rooms, case_id: UUID, store: str) -> None:
    overwrite(store, case_id, "two", pdf("two")[:-1])
    (fault,) = await faults(rooms)
    assert "were altered" in fault


async def test_erased_bytes_may_be_gone_and_must_be(rooms: Rooms, case_id: UUID) -> None:
    now = rooms.clock.now()
    await rooms.condition.note_erasure(case_id, digest_of("two"), by="admin-1", reason="asked to", now=now)
    (fault,) = await faults(rooms)
    assert "were erased but are still there" in fault

    await rooms.blobs.delete(case_id, digest_of("two"))

    assert await faults(rooms) == []


async def test_the_progress_is_told_in_bytes_and_ends_with_all(rooms: Rooms, case_id: UUID) -> None:
    seen: list[tuple[int, int]] = []
    await upkeep_of(rooms).verify(lambda done, of: seen.append((done, of)))
    total = sum(len(pdf(words)) for words in ("one", "two", "three"))
    assert (len(seen), seen[-1]) == (3, (total, total))
