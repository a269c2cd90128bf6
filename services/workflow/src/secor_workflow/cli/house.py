"""The rooms of the service for as long as one command needs them, on the database that its environment names."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure, failure_of
from secor_workflow.cli.speech import complain, say
from secor_workflow.database.engine import driver_url
from secor_workflow.database.schema import check_schema
from secor_workflow.main import build_rooms, close_rooms, fill_rooms, open_rooms
from secor_workflow.settings import Settings

T = TypeVar("T")
ACTOR = "command-line"
"""As whom a command acts, wherever it is put on record."""
WHOSE = "Are SECOR_HOME and WORKFLOW_DATABASE_URL those of the service?"


def within(work: Callable[[Rooms], Awaitable[T]], *, may_begin: bool = False) -> T:
    """Do something with the rooms. There must be a database of this version, unless it may begin or bring up one."""

    async def run() -> T:
        settings = Settings()
        if missing := missing_file(settings):
            if not may_begin:
                raise Failure(Exit.UNAVAILABLE, f"There is no database at {missing}. {WHOSE}")
            say(f"A new database begins at {missing}.")
        rooms = build_rooms(settings, patient=True)
        try:
            if may_begin and settings.migrates:
                await open_rooms(rooms)
            else:
                await check_schema(rooms.log.engine)
                await fill_rooms(rooms)
            return await work(rooms)
        finally:
            await close_rooms(rooms)

    return answered(run)


def missing_file(settings: Settings) -> Path | None:
    """The file that SQLite would make anew."""
    url = driver_url(settings.database)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    return file if file and not file.exists() else None


def answered(run: Callable[[], Awaitable[T]]) -> T:
    """Run to the end; what keeps it from that is said in a sentence, and no traceback."""

    async def until_done() -> T:
        return await run()

    try:
        return asyncio.run(until_done())
    except BrokenPipeError:  # whoever read our answer has had enough: the library ends it without a word
        raise
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        complain(failure.sentence)
        raise typer.Exit(failure.exit) from None
