"""The command line of the rules: read them as the service would."""

from pathlib import Path
from typing import Annotated

import typer

from secor_notifier.cli.exits import Exit
from secor_notifier.cli.speech import AsJson, answer, complain, machine
from secor_notifier.domain.rules_text import RulesError
from secor_notifier.main import load_rules
from secor_notifier.settings import Settings

commands = typer.Typer()


@commands.command("check-rules")
def check_rules(
    path: Annotated[Path | None, typer.Argument(help="Default: NOTIFIER_RULES.")] = None, *, as_json: AsJson = False
) -> None:
    """Read rules.toml as the service would at start. Exits 2 and says what is wrong, if anything is."""
    try:
        rules = load_rules(path or Settings().rules)
    except (RulesError, OSError) as error:
        complain(str(error))
        raise typer.Exit(Exit.WRONG) from None
    letters = sum(len(letters) for letters in rules.events.values())
    if as_json:
        machine({"ok": True, "deadlines": len(rules.ladders), "letters": letters})
    else:
        answer(f"✓ The rules hold: {len(rules.ladders)} deadlines, {letters} letters on events.")
