"""The command line of people: who should be erased by the policy."""

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.house import within
from secor_workflow.cli.speech import AsJson, answer, machine, say
from secor_workflow.people_retention import Proposal

commands = typer.Typer(help="Names and addresses.", no_args_is_help=True)
_CASES = 500


@commands.callback()
def _people() -> None:
    """Names and addresses."""


@commands.command()
def retention(*, as_json: AsJson = False) -> None:
    """List the people whom the policy keeps no longer. An admin erases them over HTTP; nothing is erased by itself."""

    async def run(rooms: Rooms) -> list[Proposal]:
        today = rooms.clock.local_day(rooms.clock.now())
        rules = rooms.policies.on(today).people
        page = await rooms.people_retention.proposals(rules, today, after=None, limit=_CASES)
        found = [*page.items]
        while page.next is not None:
            page = await rooms.people_retention.proposals(rules, today, after=page.next, limit=_CASES)
            found += page.items
        return found

    for one in within(run):
        if as_json:
            machine(one)
        else:
            why = "case closed on" if one.because == "case_closed" else "no part in the case since"
            answer(f"person {one.person_id} of case {one.case_id}: {why} {one.since}")
    say("Nothing was changed; POST /v1/people/{person_id}:erase erases one of them.")
