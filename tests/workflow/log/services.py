"""The service's rooms, opened on a database for as long as a test needs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from secor_workflow.api.rooms import Rooms
from secor_workflow.database.engine import open_engine
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
async def a_service(url: str) -> AsyncIterator[Rooms]:
    """All rooms of one process, as they are joined in production."""
    with TemporaryDirectory(prefix="documents-") as folder:
        rooms = build_rooms(Settings(database_url=url, documents_url=Path(folder).as_uri()))
        try:
            await open_rooms(rooms)
            yield rooms
        finally:
            await close_rooms(rooms)
