"""The command line of people: who should be erased by the policy."""

import typer
from rich.console import Console

from secor_workflow.documents_command import answered
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.people_retention import Proposal
from secor_workflow.settings import Settings

people = typer.Typer(help="Names and addresses.", no_args_is_help=True)
console = Console()
_CASES = 500


@people.callback()
def _people() -> None:
    """A group, although it has one command so far."""


@people.command()
def retention() -> None:
    """List the people whom the policy keeps no longer. An admin erases them over HTTP; nothing is erased by itself."""

    async def run() -> list[Proposal]:
        rooms = build_rooms(Settings())
        try:
            await open_rooms(rooms)
            today = rooms.clock.local_day(rooms.clock.now())
            rules = rooms.policies.on(today).people
            page = await rooms.people_retention.proposals(rules, today, after=None, limit=_CASES)
            found = [*page.items]
            while page.next is not None:
                page = await rooms.people_retention.proposals(rules, today, after=page.next, limit=_CASES)
                found += page.items
            return found
        finally:
            await close_rooms(rooms)

    for one in answered(run):
        why = "case closed on" if one.because == "case_closed" else "no part in the case since"
        console.print(f"person {one.person_id} of case {one.case_id}: {why} {one.since}", highlight=False)
    console.print("Nothing was changed; POST /v1/people/{person_id}:erase erases one of them.", highlight=False)
