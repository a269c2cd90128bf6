"""The command line of moving house: the whole ledger into a file of JSON lines, and out of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.cli.exits import Exit
from secor_notifier.cli.failures import Failure
from secor_notifier.cli.house import within
from secor_notifier.cli.speech import AsJson, answer, machine, progress, say
from secor_notifier.transfer import NotImportedError, take_in, write_out

commands = typer.Typer()


@commands.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, or `-` for standard output.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the whole ledger as lines of JSON: what was sent, what people wished, webhooks, the place in the feed.

    It may run beside the service. The file holds the installation's secret, unless that is NOTIFIER_SECRET.
    """

    async def run(engine: AsyncEngine) -> dict[str, int]:
        with progress("exporting") as advance, _written(file) as write:
            return await write_out(engine, write, advance)

    counts = within(run)
    if str(file) == "-":
        say(_said(counts))
    elif as_json:
        machine({"file": str(file), "rows": counts})
    else:
        answer(_said(counts), f"{file} holds secrets: keep it as carefully as the database.")


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `export` has written.", exists=True, dir_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Take an export into an empty, migrated ledger: nothing is sent twice, and reading goes on where it was.

    Refused while anybody has the database open. All of it or nothing is taken.
    """

    async def run(engine: AsyncEngine) -> dict[str, int]:
        await engine.dispose()  # nobody may have the database open, we neither
        try:
            with progress("importing") as advance, file.open("rb") as lines:
                return await take_in(engine, lines, advance)
        except NotImportedError as error:
            raise Failure(Exit.FAULTS, f"{error} Nothing was taken in.") from None

    counts = within(run)
    if as_json:
        machine({"rows": counts})
    else:
        answer(_said(counts))


def _said(counts: dict[str, int]) -> str:
    return f"{counts['reminders']} letters of {counts['watches']} cases, {sum(counts.values())} rows in all."


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
