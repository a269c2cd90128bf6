"""The command line of the programme's numbers: read them as the service would."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from secor_workflow.domain.policy import PACKAGED
from secor_workflow.policy_file import PolicyFileError, read_policy
from secor_workflow.settings import Settings

CHECK_POLICY = "check-policy"
commands = typer.Typer()


@commands.command(CHECK_POLICY)
def check_policy(path: Annotated[Path | None, typer.Argument(help="Default: WORKFLOW_POLICY_FILE.")] = None) -> None:
    """Read the programme's numbers as the service would at start. Exits 2 and says what is wrong, if anything is."""
    try:
        policies = read_policy(path or Settings().policy_file or PACKAGED)
    except PolicyFileError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[red]✗[/red] {escape(str(error))}")
        raise typer.Exit(2) from None
    days = ", ".join(str(edition.effective_from) for edition in policies.editions)
    Console().print(f"[green]✓[/green] The policy holds: {len(policies.editions)} editions, in force from {days}.")
