"""The command line of the log: check it, write the read model anew, begin a new epoch after a restore."""

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.house import within
from secor_workflow.cli.speech import AsJson, answer, complain, machine, progress
from secor_workflow.documents.upkeep import Upkeep
from secor_workflow.log.restore import begin_epoch
from secor_workflow.log.upkeep import rebuild as rebuild_read_model
from secor_workflow.log.upkeep import verify as verify_log

commands = typer.Typer()


@commands.command()
def verify(*, as_json: AsJson = False) -> None:
    """Check the whole log (positions, versions, folds, read model) and that every document's bytes are there, intact.

    Exits 1 and says what is wrong if anything is.
    """

    async def run(rooms: Rooms) -> list[str]:
        with progress("verifying the log") as advance:
            if faults := await verify_log(rooms.log, rooms.policies, advance):
                return faults  # what is referenced is read from the log
        with progress("verifying documents") as advance:
            return await Upkeep(rooms.log, rooms.blobs, rooms.condition).verify(advance)

    tell_faults(
        within(run),
        "Positions are dense, versions too; every case folds; the read model is the log's.",
        "The bytes of every document are there, and are those that were handed in.",
        as_json=as_json,
    )


def tell_faults(faults: list[str], *good: str, as_json: bool) -> None:
    """What was found wrong, or that nothing was; ends with 1 if anything is."""
    if as_json:
        machine({"ok": not faults, "faults": faults})
    for fault in faults:
        complain(fault)
    if faults:
        raise typer.Exit(Exit.FAULTS)
    if not as_json:
        answer(*(f"✓ {line}" for line in good))


@commands.command()
def rebuild(*, as_json: AsJson = False) -> None:
    """Write the read model anew from the log. The service may go on meanwhile; broken off, nothing was changed."""

    async def run(rooms: Rooms) -> int:
        with progress("rebuilding") as advance:
            return await rebuild_read_model(rooms.log, rooms.policies, advance)

    cases = within(run)
    if as_json:
        machine({"cases": cases})
    else:
        answer(f"{cases} cases rebuilt.")


@commands.command("new-epoch")
def new_epoch(*, as_json: AsJson = False) -> None:
    """After a restore from a backup, before the service starts: tell consumers what was lost. Refused while it runs."""

    async def run(rooms: Rooms) -> int:
        await rooms.log.engine.dispose()  # nobody may have the database open, we neither
        return await begin_epoch(rooms.log.engine)

    head = within(run)
    if as_json:
        machine({"began_after": head})
    else:
        answer(f"A new epoch begins after position {head}; cursors of the one before are told so.")
