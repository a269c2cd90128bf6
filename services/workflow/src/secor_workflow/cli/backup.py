"""The command line of backups: a copy beside the running service, and back from one with a new epoch."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure
from secor_workflow.cli.house import answered, within
from secor_workflow.cli.log import tell_faults
from secor_workflow.cli.speech import Advance, AsJson, answer, machine, progress
from secor_workflow.database.backup import NotCopiedError, back_up, bring_back
from secor_workflow.database.engine import driver_url
from secor_workflow.log.restore import begin_epoch
from secor_workflow.log.upkeep import verify
from secor_workflow.settings import Settings

commands = typer.Typer()


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is replaced once this is whole.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Copy the whole database, as it is at one moment, beside the running service.

    On PostgreSQL this is `pg_dump`, which must be installed. The file holds personal data. The bytes of documents are
    not in it: copy their folder or bucket afterwards.
    """

    async def run(rooms: Rooms) -> None:
        await rooms.log.engine.dispose()
        with progress("backing up") as advance:
            await _done(back_up, file, advance)

    within(run)
    if as_json:
        machine({"file": str(file)})
    else:
        answer(f"The database is in {file}: personal data too, so keep it as carefully as the database.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has written.", exists=True, dir_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring the database back from a backup, where there is none yet, begin a new epoch, and verify the log.

    SQLite's file must not be there, PostgreSQL's database must be empty. Consumers that had read further are told so.
    """

    async def bring() -> None:
        with progress("restoring") as advance:
            await _done(bring_back, file, advance)

    async def begin(rooms: Rooms) -> tuple[int, list[str]]:
        await rooms.log.engine.dispose()  # nobody may have the database open, we neither
        head = await begin_epoch(rooms.log.engine)
        await rooms.log.engine.dispose()
        with progress("verifying the log") as advance:
            return head, await verify(rooms.log, rooms.policies, advance)

    answered(bring)
    head, faults = within(begin)
    if not as_json:
        answer(f"A new epoch begins after position {head}; cursors of the one before are told so.")
    tell_faults(faults, "What was restored is verified.", as_json=as_json)


async def _done(work: Callable[[sa.URL, Path, Advance], None], file: Path, advance: Advance) -> None:
    try:
        await asyncio.to_thread(work, driver_url(Settings().database), file, advance)
    except NotCopiedError as error:
        raise Failure(Exit.FAULTS, str(error)) from None
