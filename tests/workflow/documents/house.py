"""The rooms on a store of a test's own choice, with cases to which documents are handed in."""

import io
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.documents.retention import Retention
from secor_workflow.documents.upkeep import Upkeep
from secor_workflow.domain.case import CaseDocument
from secor_workflow.intake import Handed
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.settings import Settings
from workflow.files import pdf
from workflow.log.stories import STAFF, registration


@asynccontextmanager
async def a_house(database_url: str, documents_url: str, **settings: str) -> AsyncIterator[Rooms]:
    """All rooms of one process."""
    rooms = build_rooms(
        Settings.model_validate({"database_url": database_url, "documents_url": documents_url, **settings})
    )
    try:
        await open_rooms(rooms)
        yield rooms
    finally:
        await close_rooms(rooms)


def upkeep_of(rooms: Rooms) -> Upkeep:
    return Upkeep(rooms.log, rooms.blobs, rooms.condition)


def retention_of(rooms: Rooms) -> Retention:
    return Retention(rooms.log, rooms.blobs, rooms.condition, rooms.people)


async def a_case(rooms: Rooms) -> UUID:
    return (await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))).case.case_id


async def handed_in(rooms: Rooms, case_id: UUID, words: str, kind: str = "supporting") -> CaseDocument:
    """A small PDF, taken in as an upload is."""
    content = pdf(words)
    handed = Handed(
        kind=kind, filename="paper.pdf", file=io.BytesIO(content), size=len(content), sha256=digest_of(words)
    )
    taken = await rooms.intake.take(case_id, STAFF, handed, idempotency_key=None, if_match=None)
    return taken.document


async def put(rooms: Rooms, case_id: UUID, words: str) -> str:
    """The same PDF's bytes in the store, and no event."""
    content = pdf(words)
    await rooms.blobs.put(case_id, digest_of(words), io.BytesIO(content), len(content))
    return digest_of(words)


def digest_of(words: str) -> str:
    return sha256(pdf(words)).hexdigest()


def make_old(folder: Path, case_id: UUID, sha256: str, age: timedelta = timedelta(days=2)) -> Path:
    """As if they had been put so long ago."""
    path = folder / str(case_id) / sha256
    then = time.time() - age.total_seconds()
    os.utime(path, (then, then))
    return path
