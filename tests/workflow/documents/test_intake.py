"""However it comes and whatever happens meanwhile: a document that is taken in is there, and what was erased is not."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import RefusedNow
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions, Verdict
from secor_workflow.documents.scanner import MalwareFoundError, Scanner
from secor_workflow.domain.policy import Policies
from secor_workflow.intake import Handed, Intake
from workflow.documents.clamd import EICAR_LIKE, Clamd
from workflow.documents.house import a_case, a_house, digest_of, handed_in
from workflow.files import pdf
from workflow.log.stories import STAFF


@pytest.fixture
async def rooms(tmp_path: Path, folder: Path) -> AsyncIterator[Rooms]:
    async with a_house(f"sqlite:///{tmp_path / 'workflow.db'}", folder.as_uri()) as opened:
        yield opened


@pytest.fixture
async def case_id(rooms: Rooms) -> UUID:
    return await a_case(rooms)


def handed(words: str) -> Handed:
    content = pdf(words)
    return Handed(
        kind="action_plan", filename="plan.pdf", file=io.BytesIO(content), size=len(content), sha256=digest_of(words)
    )


def at_most(most: int) -> Policies:
    (now, *_) = Policies.load().editions
    count = replace(now.documents.max_count, value=most)
    return Policies((replace(now, effective_from=date(2026, 1, 1), documents=replace(now.documents, max_count=count)),))


async def test_a_case_that_is_full_still_knows_what_it_has(rooms: Rooms, case_id: UUID) -> None:
    first = await handed_in(rooms, case_id, "the only one")
    rooms.circumstances.policies = at_most(1)

    assert await handed_in(rooms, case_id, "the only one") == first
    with pytest.raises(RefusedNow, match="withdraw one"):
        await handed_in(rooms, case_id, "one more")


async def test_what_the_scanner_learned_to_know_does_not_go_out_any_more(rooms: Rooms, case_id: UUID) -> None:
    words = EICAR_LIKE.decode()
    document = await handed_in(rooms, case_id, words)
    await rooms.condition.note_scan(case_id, document.sha256, Verdict.CLEAN, rooms.clock.now())
    async with Clamd() as clamd:
        intake = Intake(rooms.handler, rooms.blobs, rooms.condition, Scanner(clamd.address), uuid7)
        for one in (handed(words), handed(f"never kept: {words}")):
            with pytest.raises(MalwareFoundError):
                await intake.take(case_id, STAFF, one, idempotency_key=None, if_match=None)

    verdicts = {sha256: known.verdict for sha256, known in (await rooms.condition.of_case(case_id)).items()}
    assert verdicts == {document.sha256: Verdict.INFECTED}


class ErasedJustBefore(Blobs):
    """A store in which bytes were erased for good just before they come once more."""

    conditions: Conditions

    async def put(self, case_id: UUID, sha256: str, file: BinaryIO, size: int) -> None:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        await self.conditions.note_erasure(case_id, sha256, by="admin-1", reason="asked to", now=now)
        await self.delete(case_id, sha256)
        await super().put(case_id, sha256, file, size)


async def test_bytes_that_are_erased_while_they_come_again_do_not_stay(
    rooms: Rooms, case_id: UUID, folder: Path
) -> None:
    await handed_in(rooms, case_id, "private")
    blobs = ErasedJustBefore.open(folder.as_uri())
    assert isinstance(blobs, ErasedJustBefore)
    blobs.conditions = rooms.condition
    intake = Intake(rooms.handler, blobs, rooms.condition, rooms.scanner, uuid7)

    with pytest.raises(RefusedNow, match="erased for good"):
        await intake.take(case_id, STAFF, handed("private"), idempotency_key=None, if_match=None)

    assert not await blobs.has(case_id, digest_of("private"))
    blobs.close()
