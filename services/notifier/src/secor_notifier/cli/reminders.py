"""The command line of letters: what was decided, and what became of it. They hold ids, no names."""

from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.api.shapes import ReminderShape
from secor_notifier.cli.exits import Exit
from secor_notifier.cli.failures import Failure
from secor_notifier.cli.house import within
from secor_notifier.cli.speech import AsJson, answer, machine, say, table
from secor_notifier.ledger import Reminder, Status
from secor_notifier.ledger.reading import Reading, Wanted

commands = typer.Typer(help="To send a letter again: POST /v1/reminders/{id}:resend.", no_args_is_help=True)
_COLUMNS = ("reminder_id", "status", "letter", "recipient", "case_id", "due_at", "sent_at", "last_error")


@commands.command("list")
def list_reminders(
    status: Annotated[Status | None, typer.Option(help="Only those of which this became.")] = None,
    case_id: Annotated[UUID | None, typer.Option("--case", help="Only of this case.")] = None,
    *,
    to_mend: Annotated[
        bool, typer.Option("--to-mend", help="Only those that need somebody: given up, lost out of sight, come back.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List letters that were decided, oldest first, and what became of each."""

    async def run(engine: AsyncEngine) -> tuple[Reminder, ...]:
        reading, wanted = Reading(engine), Wanted(str(case_id) if case_id else None, status, limit=limit + 1)
        return tuple(await reading.to_mend()) if to_mend else (await reading.page(wanted)).items

    found = [_told(one) for one in within(run)]
    for one in found[:limit] if as_json else ():
        machine(one)
    if not as_json:
        table(_COLUMNS, ([one[name] for name in _COLUMNS] for one in found[:limit]))
    if len(found) > limit:
        say(f"There are more than {limit}; --limit shows them.")


@commands.command()
def show(
    reminder_id: Annotated[UUID, typer.Argument(help="The reminder's id, as `reminders list` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one letter."""

    async def run(engine: AsyncEngine) -> Reminder:
        found = await Reading(engine).one(str(reminder_id))
        if found is None:
            raise Failure(Exit.FAULTS, "There is no such reminder; `secor-notifier reminders list` shows all.")
        return found

    told = _told(within(run))
    if as_json:
        machine(told)
    else:
        answer(*(f"{name}: {'–' if value is None else value}" for name, value in told.items()))


def _told(reminder: Reminder) -> dict[str, Any]:
    return ReminderShape.of(reminder).model_dump(mode="json")
