"""Bytes that no event speaks of are collected after a day, and never any that somebody needs."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from obstore.store import ObjectStore

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.upkeep import Collected, Upkeep
from secor_workflow.domain.commands import WithdrawDocument
from workflow.documents.house import a_case, a_house, digest_of, handed_in, make_old, put, upkeep_of
from workflow.log.stories import STAFF


@pytest.fixture
async def rooms(database_url: str, folder: Path) -> AsyncIterator[Rooms]:
    async with a_house(database_url, folder.as_uri()) as opened:
        yield opened


async def collected(rooms: Rooms, *, delete: bool = True) -> Collected:
    return await upkeep_of(rooms).collect(datetime.now(UTC), lambda _done, _of: None, delete=delete)


def digests(found: Collected) -> list[str]:
    return [blob.sha256 for blob in found.orphans]


async def test_an_orphan_older_than_a_day_is_collected_and_a_younger_is_not(rooms: Rooms, folder: Path) -> None:
    case_id = await a_case(rooms)
    old, young = await put(rooms, case_id, "old"), await put(rooms, case_id, "young")
    make_old(folder, case_id, old)
    make_old(folder, case_id, young, timedelta(hours=23))

    assert digests(await collected(rooms)) == [old]

    assert not await rooms.blobs.has(case_id, old)
    assert await rooms.blobs.has(case_id, young)


async def test_nothing_is_changed_unless_it_is_asked_for(rooms: Rooms, folder: Path) -> None:
    case_id = await a_case(rooms)
    orphan = await put(rooms, case_id, "old")
    make_old(folder, case_id, orphan)

    assert digests(await collected(rooms, delete=False)) == [orphan]

    assert await rooms.blobs.has(case_id, orphan)


async def test_what_an_event_speaks_of_is_never_collected(rooms: Rooms, folder: Path) -> None:
    case_id, other = await a_case(rooms), await a_case(rooms)
    kept, withdrawn = await handed_in(rooms, case_id, "kept"), await handed_in(rooms, case_id, "withdrawn")
    await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=WithdrawDocument(document_id=withdrawn.document_id)))
    same_bytes_elsewhere = await put(rooms, other, "kept")
    for document in (kept, withdrawn):
        make_old(folder, case_id, document.sha256)
    make_old(folder, other, same_bytes_elsewhere)

    found = await collected(rooms)

    assert [(blob.case_id, blob.sha256) for blob in found.orphans] == [(other, same_bytes_elsewhere)]
    assert await rooms.blobs.has(case_id, kept.sha256)
    assert await rooms.blobs.has(case_id, withdrawn.sha256)


async def test_an_erasure_that_was_cut_short_is_finished_at_once(rooms: Rooms) -> None:
    case_id = await a_case(rooms)
    document = await handed_in(rooms, case_id, "private")
    now = rooms.clock.now()
    await rooms.condition.note_erasure(case_id, document.sha256, by="admin-1", reason="asked to", now=now)

    found = await collected(rooms)

    assert [blob.sha256 for blob in found.erased] == [document.sha256]
    assert not await rooms.blobs.has(case_id, document.sha256)
    assert (await collected(rooms)).erased == []


def meanwhile(doing: Coroutine[Any, Any, object]) -> None:
    """Done to its end by another thread, as another process would."""
    thread = threading.Thread(target=asyncio.run, args=(doing,))
    thread.start()
    thread.join()


@pytest.mark.parametrize("step", ["put again", "written to the log"])
async def test_what_becomes_somebodys_while_it_is_collected_is_spared(
    rooms: Rooms, folder: Path, database_url: str, step: str
) -> None:
    """The upload goes on just after its bytes were found to be nobody's."""
    case_id = await a_case(rooms)
    orphan = await put(rooms, case_id, "in flight")
    make_old(folder, case_id, orphan)

    async def upload() -> None:
        async with a_house(database_url, folder.as_uri()) as others:
            if step == "put again":
                await put(others, case_id, "in flight")
            else:
                await handed_in(others, case_id, "in flight")
                make_old(folder, case_id, orphan)

    found = await upkeep_of(rooms).collect(datetime.now(UTC), lambda _done, _of: meanwhile(upload()), delete=True)

    assert found.orphans == []
    assert await rooms.blobs.has(case_id, orphan)


class Hesitating(Blobs):
    """The store, at the moment in which it is about to delete."""

    def __init__(self, store: ObjectStore, root: Path | None) -> None:
        super().__init__(store, root)
        self.hesitates, self.goes_on = asyncio.Event(), asyncio.Event()

    async def delete(self, case_id: UUID, sha256: str) -> None:
        self.hesitates.set()
        await self.goes_on.wait()
        await super().delete(case_id, sha256)


async def test_an_upload_in_that_very_moment_stores_its_bytes_again(rooms: Rooms, folder: Path) -> None:
    case_id = await a_case(rooms)
    make_old(folder, case_id, await put(rooms, case_id, "in flight"))
    store = Hesitating.open(folder.as_uri())
    keeper = Upkeep(rooms.log, store, rooms.condition)

    collecting = asyncio.create_task(keeper.collect(datetime.now(UTC), lambda _done, _of: None, delete=True))
    await store.hesitates.wait()
    uploading = asyncio.create_task(handed_in(rooms, case_id, "in flight"))
    await asyncio.wait({uploading}, timeout=0.5)  # it cannot end: no event is written before the bytes are gone
    store.goes_on.set()
    await asyncio.gather(collecting, uploading)
    store.close()

    assert await rooms.blobs.has(case_id, digest_of("in flight"))


async def test_however_uploads_and_collecting_meet_no_document_loses_its_bytes(rooms: Rooms, folder: Path) -> None:
    case_ids = [await a_case(rooms) for _ in range(8)]
    for case_id in case_ids:
        for words in ("one", "two"):
            make_old(folder, case_id, await put(rooms, case_id, words))
    done = asyncio.Event()

    async def collect() -> None:
        while not done.is_set():
            await collected(rooms)

    collecting = asyncio.create_task(collect())
    await asyncio.gather(*(handed_in(rooms, case_id, words) for case_id in case_ids for words in ("one", "two")))
    done.set()
    await collecting

    assert await upkeep_of(rooms).verify(lambda _done, _of: None) == []
    assert all([await rooms.blobs.has(case_id, digest_of(words)) for case_id in case_ids for words in ("one", "two")])
