"""The service's rooms, opened on a database for as long as a test needs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from secor_workflow.api.rooms import Rooms
from secor_workflow.database.engine import open_engine
from secor_workflow.domain.context import Actor, Role
from secor_workflow.erasure import Asked
from secor_workflow.log.log import Log
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.settings import Settings


@asynccontextmanager
async def a_log(url: str) -> AsyncIterator[Log]:
    """One process's log."""
    log = Log(open_engine(url))
    try:
        await log.open()
        yield log
    finally:
        await log.close()
        await log.engine.dispose()


@asynccontextmanager
async def a_service(url: str, *, patient: bool = False) -> AsyncIterator[Rooms]:
    """All rooms of one process, as they are joined in production: of the service, or of a patient command line."""
    with TemporaryDirectory(prefix="documents-") as folder:
        settings = Settings(database_url=url, documents_url=Path(folder).as_uri())
        rooms = build_rooms(settings, patient=patient)
        try:
            await open_rooms(rooms)
            yield rooms
        finally:
            await close_rooms(rooms)


async def erase(rooms: Rooms, person_id: UUID, *, by: str = "admin-1") -> None:
    """Somebody is erased because they asked for it."""
    person = await rooms.people.person(person_id)
    assert person is not None
    await rooms.erasure.erase(person, Asked(actor=Actor(by, Role.ADMIN), requested_by="person", reason="asked to"))
