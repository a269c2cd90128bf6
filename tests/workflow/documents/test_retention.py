"""A closed case's documents are kept as long as the policy says, and then erased for good with their names."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.documents.retention import Expired
from secor_workflow.domain.commands import Close
from workflow.documents.house import a_case, a_house, digest_of, handed_in, retention_of, upkeep_of
from workflow.log.stories import POLICIES, STAFF

CLOSED = datetime(2026, 8, 31, 20, tzinfo=UTC)
POLICY = replace(
    POLICIES.editions[-1],
    documents=replace(
        POLICIES.editions[-1].documents,
        retention_months=replace(POLICIES.editions[-1].documents.retention_months, value=6),
    ),
)
"""Kept six months: over on the last of February."""


@pytest.fixture
async def rooms(tmp_path: Path, folder: Path) -> AsyncIterator[Rooms]:
    async with a_house(f"sqlite:///{tmp_path / 'workflow.db'}", folder.as_uri()) as opened:
        yield opened


async def closed_case(rooms: Rooms, *, close: bool = True) -> UUID:
    await rooms.clock.set(rooms.log.engine, CLOSED)
    case_id = await a_case(rooms)
    for words, kind in (("one", "supporting"), ("one", "action_plan"), ("two", "supporting")):
        await handed_in(rooms, case_id, words, kind)
    if close:
        await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=Close(reason="inactive")))
    return case_id


async def expired(rooms: Rooms, year: int, month: int, day: int) -> list[Expired]:
    today = datetime(year, month, day, 20, tzinfo=UTC).date()
    return [found async for found in retention_of(rooms).expired(POLICY, today)]


async def erase(rooms: Rooms, found: Expired) -> None:
    await retention_of(rooms).erase(found, by="command-line", reason="kept long enough", now=rooms.clock.now())


async def test_documents_are_kept_to_the_day(rooms: Rooms) -> None:
    case_id = await closed_case(rooms)

    assert await expired(rooms, 2027, 2, 27) == []
    (found,) = await expired(rooms, 2027, 2, 28)

    assert (found.case_id, str(found.closed_on), len(found.documents)) == (case_id, "2026-08-31", 3)


async def test_an_open_case_keeps_its_documents_however_old(rooms: Rooms) -> None:
    await closed_case(rooms, close=False)
    assert await expired(rooms, 2099, 1, 1) == []


async def test_bytes_and_names_are_erased_and_the_log_still_verifies(rooms: Rooms) -> None:
    case_id = await closed_case(rooms)
    (found,) = await expired(rooms, 2027, 3, 1)

    await erase(rooms, found)

    assert [blob async for blob in rooms.blobs.all()] == []
    for document in found.documents:
        text = await rooms.people.text(document.filename_id)
        assert text is not None
        assert text.text is None
    condition = await rooms.condition.of(case_id, digest_of("one"))
    assert (condition.erased_by, condition.erased_for) == ("command-line", "kept long enough")
    assert await expired(rooms, 2027, 3, 1) == []
    assert await upkeep_of(rooms).verify(lambda _done, _of: None) == []


async def test_what_was_erased_on_request_stays_so_and_the_rest_is_still_found(rooms: Rooms) -> None:
    case_id = await closed_case(rooms)
    before = rooms.clock.now()
    await rooms.condition.note_erasure(case_id, digest_of("two"), by="admin-1", reason="asked to", now=before)

    (found,) = await expired(rooms, 2027, 3, 1)
    await erase(rooms, found)

    assert {document.sha256 for document in found.documents} == {digest_of("one")}
    assert (await rooms.condition.of(case_id, digest_of("two"))).erased_by == "admin-1"


async def test_many_cases_are_found_one_by_one(rooms: Rooms) -> None:
    case_ids = [await closed_case(rooms) for _ in range(3)]
    assert [found.case_id for found in await expired(rooms, 2027, 3, 1)] == sorted(case_ids)
