"""The command line of a large log on PostgreSQL: cut it into partitions, take the oldest out, put it back."""

from pathlib import Path
from typing import Annotated

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure
from secor_workflow.cli.house import within
from secor_workflow.cli.speech import AsJson, answer, complain, machine, progress, table
from secor_workflow.clock import true_now
from secor_workflow.log.archiving import Archive, archives_of
from secor_workflow.log.archiving import attach as put_back
from secor_workflow.log.archiving import detach as take_out
from secor_workflow.log.partitions import Partition, head_of, partitions_of
from secor_workflow.log.partitions import prepare as have_ready

commands = typer.Typer(help="A large log in parts, by position (PostgreSQL).", no_args_is_help=True)
SIZE = 50_000_000


@commands.command()
def prepare(
    *,
    size: Annotated[int, typer.Option(min=1, help="Positions of a partition.")] = SIZE,
    ahead: Annotated[int, typer.Option(min=1, help="Empty partitions to have beyond the head.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Cut the log, and make the next partitions ahead of time. Beside the running service; to be repeated monthly."""

    async def run(rooms: Rooms) -> list[Partition]:
        _on_postgresql(rooms)
        return await have_ready(rooms.log.engine, size=size, ahead=ahead)

    found = within(run)
    if as_json:
        machine(found)
    else:
        answer(f"{len(found)} partitions; there is room up to position {found[-1].last}.")


@commands.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """Every part of the log: archives, then partitions. Exits 1 if less than half a partition is left to write."""

    async def run(rooms: Rooms) -> tuple[list[Archive], list[Partition], int]:
        async with rooms.log.engine.connect() as connection:
            archives = await archives_of(connection)
            on_postgresql = rooms.log.engine.dialect.name == "postgresql"
            return archives, await partitions_of(connection) if on_postgresql else [], await head_of(connection)

    archives, partitions, head = within(run)
    if as_json:
        machine({"head": head, "archives": archives, "partitions": partitions})
    else:
        table(
            ("first", "last", "where"),
            [
                *((one.first, one.last, f"{one.name}, SHA-256 {one.sha256}") for one in archives),
                *((one.first, one.last, one.table) for one in partitions or [Partition("events", 1, head)]),
            ],
        )
    if partitions and 2 * (partitions[-1].last - head) < partitions[-1].last - partitions[-1].first + 1:
        complain("There is little room left for new events: run `secor-workflow partitions prepare`.")
        raise typer.Exit(Exit.FAULTS)


@commands.command()
def detach(
    folder: Annotated[Path, typer.Argument(help="Where the archive is written.", exists=True, file_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Take the oldest partition out of the log, into an NDJSON file; only if every case in it is closed."""

    async def run(rooms: Rooms) -> Archive:
        _on_postgresql(rooms)
        with progress("writing the archive") as advance:
            return await take_out(rooms.log.engine, folder, true_now(), advance)

    archive = within(run)
    if as_json:
        machine(archive)
    else:
        answer(
            f"Positions {archive.first} to {archive.last} are in {folder / archive.name}, SHA-256 {archive.sha256}.",
            "The log begins after them. Keep the file: it is the only place where they are.",
        )


@commands.command()
def attach(
    file: Annotated[Path, typer.Argument(help="The newest archive.", exists=True, dir_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Put the newest archive back before the log's beginning."""

    async def run(rooms: Rooms) -> Archive:
        _on_postgresql(rooms)
        with progress("reading the archive") as advance:
            return await put_back(rooms.log.engine, file, advance)

    archive = within(run)
    if as_json:
        machine(archive)
    else:
        answer(f"Positions {archive.first} to {archive.last} are in the log again.")


def _on_postgresql(rooms: Rooms) -> None:
    if rooms.log.engine.dialect.name != "postgresql":
        raise Failure(Exit.WRONG, "SQLite has no partitions; they are for a log of many millions, on PostgreSQL.")
