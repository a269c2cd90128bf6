"""The command line of cases: list them, show one, read what happened in it."""

from typing import Annotated, Any
from uuid import UUID

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.api.views import CaseView, case_view
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure
from secor_workflow.cli.feed import print_events
from secor_workflow.cli.house import ACTOR, within
from secor_workflow.cli.speech import AsJson, answer, machine, say, table
from secor_workflow.database.tables import cases
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Actor, Role
from secor_workflow.main import new_id
from secor_workflow.people import KnownPerson
from secor_workflow.people_reads import Read

commands = typer.Typer(help="Certification cases.", no_args_is_help=True)
CaseId = Annotated[UUID, typer.Argument(help="The case's id.")]
_COLUMNS = ("case_id", "state", "worksafebc_account", "legal_name", "earliest_due_on", "overdue", "version")
_PAGE = 500


@commands.command("list")
def list_cases(
    state: Annotated[str | None, typer.Option(help="Only cases in this state, such as Registered.")] = None,
    account: Annotated[str | None, typer.Option(help="Only those of this WorkSafeBC account.")] = None,
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those with a deadline that was missed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List cases by id: state, employer, the next date that is owed."""
    where = [cases.c.state == state] if state else []
    where += [cases.c.worksafebc_account == account] if account else []
    where += [cases.c.overdue.is_(True)] if overdue else []

    async def run(rooms: Rooms) -> list[dict[str, Any]]:
        return [{name: row[name] for name in _COLUMNS} for row in await rooms.log.rows(*where, limit=limit + 1)]

    found = within(run)
    if as_json:
        for row in found[:limit]:
            machine(row)
    else:
        table(_COLUMNS, (row.values() for row in found[:limit]))
    if len(found) > limit:
        say(f"There are more than {limit}; --limit shows them.")


@commands.command()
def show(
    case_id: CaseId,
    *,
    people: Annotated[bool, typer.Option("--people", help="With names and addresses; that is put on record.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a case as it stands: state, employer, what is owed by when."""

    async def run(rooms: Rooms) -> tuple[CaseView, list[KnownPerson]]:
        case = await _found(rooms, case_id)
        view = case_view(case, rooms.circumstances.context(Actor(ACTOR, Role.ADMIN)))
        return view, await _people(rooms, case_id) if people else []

    view, folk = within(run)
    if as_json:
        machine(view.model_dump(mode="json") | ({"people": folk} if people else {}))
        return
    answer(f"case {view.case_id}: {view.state}, version {view.version}, position {view.position}")
    answer(f"employer {view.employer.legal_name}, account {view.employer.worksafebc_account}")
    answer(*(f"owed {one.name}: by {one.due_on}{', missed' if one.missed else ''}" for one in view.deadlines))
    for one in folk:
        answer(f"person {one.person_id}: " + ("erased" if one.erased_at else f"{one.name}, {one.email}, {one.phone}"))


async def _found(rooms: Rooms, case_id: UUID) -> Case:
    case = await rooms.log.case(case_id)
    if case.version == 0:
        raise Failure(Exit.FAULTS, "There is no such case; `secor-workflow cases list` shows those there are.")
    return case


async def _people(rooms: Rooms, case_id: UUID) -> list[KnownPerson]:
    """Those who were named in the case; that they are shown is on record before they are."""
    folk, request_id = await rooms.people.people_of(case_id), str(new_id())
    reads = [
        Read(
            actor_id=ACTOR,
            role=Role.ADMIN.value,
            operation="command_line_cases_show",
            request_id=request_id,
            case_id=case_id,
            person_id=one.person_id,
        )
        for one in folk
    ]
    await rooms.people_reads.note(reads)
    return folk


@commands.command()
def tail(
    case_id: CaseId,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what happened in a case, oldest first."""

    async def run(rooms: Rooms) -> None:
        await _found(rooms, case_id)
        await print_events(rooms, 0, case_id=case_id, stop=not follow, as_json=as_json)

    within(run)
