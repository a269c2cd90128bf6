"""The command line of documents: collect what nobody needs, and erase what was kept long enough."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from secor_workflow.documents.blobs import Blob, StoreAwayError
from secor_workflow.documents.retention import Expired, Retention
from secor_workflow.documents.upkeep import Collected, Upkeep
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.settings import Settings

T = TypeVar("T")
documents = typer.Typer(help="The bytes of documents.", no_args_is_help=True)
console = Console()

Delete = Annotated[bool, typer.Option("--delete", help="Do it; without it, only say what would be done.")]
_ACTOR = "command-line"


@documents.command()
def gc(*, delete: Delete = False) -> None:
    """Collect orphans older than a day, what killed uploads left, and bytes whose erasure was cut short."""

    async def run() -> Collected:
        rooms = build_rooms(Settings())
        try:
            with Progress(console=console) as progress:
                bar = progress.add_task("looking through the store", total=None)
                return await Upkeep(rooms.log, rooms.blobs, rooms.condition).collect(
                    rooms.clock.now(),  # not set ahead by a sandbox: the store dates its files by the real time
                    lambda done, of: progress.update(bar, completed=done, total=of),
                    delete=delete,
                )
        finally:
            await close_rooms(rooms)

    found = answered(run)
    for what, blobs in (("orphans", found.orphans), ("erased, but still there", found.erased)):
        console.print(f"{what}: {len(blobs)}, {_size(blobs)} bytes")
        for blob in blobs:
            console.print(f"  case {blob.case_id}: {blob.sha256}", highlight=False)
    console.print(f"half-written: {found.unfinished}")
    _tell_what_was_done(delete=delete)


@documents.command()
def retention(*, delete: Delete = False) -> None:
    """Erase for good the documents of cases that closed longer ago than the policy keeps them."""

    async def run() -> list[Expired]:
        rooms = build_rooms(Settings())
        try:
            await open_rooms(rooms)
            now, found = rooms.clock.now(), []
            today = rooms.clock.local_day(now)
            policy = rooms.policies.on(today)
            reason = f"kept {policy.documents.retention_months.value} months after the case closed"
            keeper = Retention(rooms.log, rooms.blobs, rooms.condition, rooms.people)
            with Progress(console=console) as progress:
                bar = progress.add_task("looking through closed cases", total=None)
                async for expired in keeper.expired(policy, today):
                    found.append(expired)
                    if delete:
                        await keeper.erase(expired, by=_ACTOR, reason=reason, now=now)
                    progress.update(bar, completed=len(found))
            return found
        finally:
            await close_rooms(rooms)

    for expired in answered(run):
        told = f"case {expired.case_id}, closed on {expired.closed_on}: {len(expired.documents)} documents"
        console.print(told, highlight=False)
    _tell_what_was_done(delete=delete)


def answered(run: Callable[[], Awaitable[T]]) -> T:
    """Run to the end; a store that is away, or a database that is none of ours, is said in a sentence, and exits 1."""

    async def until_done() -> T:
        return await run()

    try:
        return asyncio.run(until_done())
    except StoreAwayError as error:
        console.print(f"[red]✗[/red] {error} Nothing was lost; run it again.")
        raise typer.Exit(1) from None
    except DBAPIError as error:  # a traceback would hide the likely cause: another folder than the service's
        console.print(
            f"[red]✗[/red] The log cannot be read: {escape(str(error.orig))}. "
            "Are SECOR_HOME and WORKFLOW_DATABASE_URL those of the service?"
        )
        raise typer.Exit(1) from None


def _size(blobs: list[Blob]) -> int:
    return sum(blob.size for blob in blobs)


def _tell_what_was_done(*, delete: bool) -> None:
    console.print("All of it was deleted." if delete else "Nothing was changed; with --delete it is deleted.")
