"""The command line of documents: collect what nobody needs, and erase what was kept long enough."""

from typing import Annotated

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.house import ACTOR, within
from secor_workflow.cli.log import tell_faults
from secor_workflow.cli.speech import AsJson, answer, machine, progress, say
from secor_workflow.documents.blobs import Blob
from secor_workflow.documents.retention import Expired, Retention
from secor_workflow.documents.upkeep import Collected, Upkeep

commands = typer.Typer(help="The bytes of documents.", no_args_is_help=True)

Delete = Annotated[bool, typer.Option("--delete", help="Do it; without it, only say what would be done.")]


@commands.command()
def gc(*, delete: Delete = False, as_json: AsJson = False) -> None:
    """Collect orphans older than a day, what killed uploads left, and bytes whose erasure was cut short."""

    async def run(rooms: Rooms) -> Collected:
        with progress("looking through the store") as advance:
            return await Upkeep(rooms.log, rooms.blobs, rooms.condition).collect(
                rooms.clock.now(),  # not set ahead by a sandbox: the store dates its files by the real time
                advance,
                delete=delete,
            )

    found = within(run)
    if as_json:
        machine({"orphans": found.orphans, "erased": found.erased, "half_written": found.unfinished, "deleted": delete})
        return
    for what, blobs in (("orphans", found.orphans), ("erased, but still there", found.erased)):
        answer(f"{what}: {len(blobs)}, {_size(blobs)} bytes")
        answer(*(f"  case {blob.case_id}: {blob.sha256}" for blob in blobs))
    answer(f"half-written: {found.unfinished}")
    _tell_what_was_done(delete=delete)


@commands.command()
def verify(*, as_json: AsJson = False) -> None:
    """Read every document and compare it with its digest. Exits 1 and says what is wrong if anything is."""

    async def run(rooms: Rooms) -> list[str]:
        with progress("verifying documents") as advance:
            return await Upkeep(rooms.log, rooms.blobs, rooms.condition).verify(advance)

    good = "The bytes of every document are there, and are those that were handed in."
    tell_faults(within(run), good, as_json=as_json)


@commands.command()
def retention(*, delete: Delete = False, as_json: AsJson = False) -> None:
    """Erase for good the documents of cases that closed longer ago than the policy keeps them."""

    async def run(rooms: Rooms) -> list[Expired]:
        now, found = rooms.clock.now(), []
        today = rooms.clock.local_day(now)
        policy = rooms.policies.on(today)
        reason = f"kept {policy.documents.retention_months.value} months after the case closed"
        keeper = Retention(rooms.log, rooms.blobs, rooms.condition, rooms.people)
        with progress("looking through closed cases") as advance:
            async for expired in keeper.expired(policy, today):
                found.append(expired)
                if delete:
                    await keeper.erase(expired, by=ACTOR, reason=reason, now=now)
                advance(len(found))
        return found

    for expired in within(run):
        count = len(expired.documents)
        if as_json:
            machine({"case_id": expired.case_id, "closed_on": expired.closed_on, "documents": count, "deleted": delete})
        else:
            answer(f"case {expired.case_id}, closed on {expired.closed_on}: {count} documents")
    if not as_json:
        _tell_what_was_done(delete=delete)


def _size(blobs: list[Blob]) -> int:
    return sum(blob.size for blob in blobs)


def _tell_what_was_done(*, delete: bool) -> None:
    say("All of it was deleted." if delete else "Nothing was changed; with --delete it is deleted.")
