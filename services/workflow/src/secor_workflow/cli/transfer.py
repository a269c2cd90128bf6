"""The command line of moving house: the whole database into a file of JSON lines, and out of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure
from secor_workflow.cli.house import within
from secor_workflow.cli.log import tell_faults
from secor_workflow.cli.speech import AsJson, answer, machine, progress, say
from secor_workflow.database.transfer import NotImportedError, take_in, write_out
from secor_workflow.log.upkeep import verify

commands = typer.Typer()


@commands.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, or `-` for standard output.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the whole database as lines of JSON: the log, people, keys. It may run beside the service.

    The file holds personal data. The bytes of documents are not in it.
    """

    async def run(rooms: Rooms) -> dict[str, int]:
        with progress("exporting") as advance, _written(file) as write:
            return await write_out(rooms.log.engine, write, advance)

    counts = within(run)
    if str(file) == "-":
        say(_said(counts))
    elif as_json:
        machine({"file": str(file), "rows": counts})
    else:
        answer(_said(counts), f"{file} holds personal data: keep it as carefully as the database.")


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `export` has written.", exists=True, dir_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Take an export into an empty, migrated database, with the same positions and cursors; then verify the log.

    Refused while anybody has the database open. All of it or nothing is taken.
    """

    async def run(rooms: Rooms) -> tuple[dict[str, int], list[str]]:
        await rooms.log.engine.dispose()  # nobody may have the database open, we neither
        try:
            with progress("importing") as advance, file.open("rb") as lines:
                counts = await take_in(rooms.log.engine, lines, advance)
        except NotImportedError as error:
            raise Failure(Exit.FAULTS, f"{error} Nothing was taken in.") from None
        await rooms.log.engine.dispose()
        with progress("verifying the log") as advance:
            return counts, await verify(rooms.log, rooms.policies, advance)

    counts, faults = within(run)
    if not as_json:
        answer(_said(counts))
    tell_faults(faults, "What was imported is verified.", as_json=as_json)


def _said(counts: dict[str, int]) -> str:
    return f"{counts['events']} events of {counts['cases']} cases, {sum(counts.values())} rows in all."


@contextmanager
def _written(file: Path) -> Iterator[Callable[[bytes], object]]:
    """A file that is there once it is whole, or standard output."""
    if str(file) == "-":
        yield typer.get_binary_stream("stdout").write
        return
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as begun:
            yield begun.write
            begun.flush()
            os.fsync(begun.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
