"""The service's rooms without HTTP, on a new SQLite file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from secor_workflow.api.rooms import Rooms
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.settings import Settings


@asynccontextmanager
async def a_service(folder: Path, **settings: Any) -> AsyncIterator[Rooms]:  # noqa: ANN401 (settings of every type)
    """All rooms of one process, as they are joined in production."""
    url, documents = f"sqlite:///{folder / 'workflow.db'}", (folder / "documents").as_uri()
    rooms = build_rooms(Settings(**{"database_url": url, "documents_url": documents} | settings))
    try:
        await open_rooms(rooms)
        yield rooms
    finally:
        await close_rooms(rooms)
