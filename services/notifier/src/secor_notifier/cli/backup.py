"""The command line of backups: a copy of the ledger beside the running service, and back from one."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.backup import NotCopiedError, back_up, bring_back
from secor_notifier.cli.exits import Exit
from secor_notifier.cli.failures import Failure
from secor_notifier.cli.house import answered, within
from secor_notifier.cli.speech import Advance, AsJson, answer, machine, progress
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import read_url
from secor_notifier.settings import Settings

commands = typer.Typer()
Head = Annotated[int, typer.Option(min=0, help="The workflow's last position now, as GET /v1/events/head tells it.")]


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is replaced once this is whole.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Copy the whole ledger, as it is at one moment, beside the running service.

    On PostgreSQL this is `pg_dump`, which must be installed. The file holds the installation's secret, unless that is
    NOTIFIER_SECRET.
    """

    async def run(_engine: AsyncEngine) -> None:
        with progress("backing up") as advance:
            await _done(back_up, file, advance)

    within(run)
    if as_json:
        machine({"file": str(file)})
    else:
        answer(f"The ledger is in {file}: keep it as carefully as the database.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has written.", exists=True, dir_okay=False)],
    head: Head,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring the ledger back from a backup, where there is none yet.

    What was sent since the backup is forgotten. So that it is not sent again, letters about events up to --head
    count as decided. Of reminders that fell due since, a case gets the last one, perhaps a second time.
    """

    async def bring() -> None:
        with progress("restoring") as advance:
            await _done(bring_back, file, advance)

    answered(bring)
    _settle(head, as_json=as_json)


@commands.command("count-as-decided")
def count_as_decided(head: Head, *, as_json: AsJson = False) -> None:
    """After a restore by PostgreSQL's own programs, before the service starts: what `restore` does besides.

    Letters about events up to --head count as decided, since they may have been sent after the backup.
    """
    _settle(head, as_json=as_json)


def _settle(head: int, *, as_json: bool) -> None:
    async def run(engine: AsyncEngine) -> None:
        await Ledger(engine).count_as_decided(head)

    within(run)
    if as_json:
        machine({"decided_up_to": head})
    else:
        answer(f"Letters about events up to position {head} count as decided.")


async def _done(work: Callable[[URL, Path, Advance], None], file: Path, advance: Advance) -> None:
    try:
        await asyncio.to_thread(work, read_url(Settings().database_url), file, advance)
    except NotCopiedError as error:
        raise Failure(Exit.FAULTS, str(error)) from None
