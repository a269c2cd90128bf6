"""The command line of the settings: are they right, and which are in force."""

import re

import typer
from pydantic import SecretStr

from secor_notifier.cli import environment
from secor_notifier.cli.environment import variable
from secor_notifier.cli.exits import Exit
from secor_notifier.cli.speech import AsJson, answer, complain, machine, say, table
from secor_notifier.settings import MASKED, Settings

NAME = "config"
commands = typer.Typer(help="The settings.", no_args_is_help=True)
_FOLLOWS = {
    "auto_migrate": "migrates",
    "tick_seconds": "tick",
    "drain_seconds": "drain",
}
"""Settings that follow from others if they are not said."""
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):.*(?=@)|(?<=password=)[^&]*", re.IGNORECASE)


@commands.command()
def check(*, as_json: AsJson = False) -> None:
    """Look at every setting as a start would, and tell all that is wrong. Nothing is opened. Exits 2 if anything is."""
    faults = environment.faults(serving=True)
    unknown = dict(environment.unknown())
    if as_json:
        machine({"ok": not faults, "faults": faults, "unknown": unknown})
    for fault in faults:
        complain(fault)
    for name, nearest in unknown.items():
        say(f"? {name} is no setting{f'; is {nearest} meant?' if nearest else '.'}")
    if faults:
        raise typer.Exit(Exit.WRONG)
    if not as_json:
        answer("The settings are right.")


@commands.command()
def show(*, as_json: AsJson = False) -> None:
    """Show the settings in force, secrets masked, and whether each was said or is the default."""
    if faults := environment.faults():
        for fault in faults:
            complain(fault)
        raise typer.Exit(Exit.WRONG)
    settings = Settings()
    said = settings.model_fields_set
    shown = {name: _shown(settings, name) for name in Settings.model_fields}
    if as_json:
        machine({variable(name): {"value": value, "said": name in said} for name, value in shown.items()})
    else:
        rows = ((variable(name), value, "said" if name in said else "default") for name, value in shown.items())
        table(("variable", "value", ""), rows)


def _shown(settings: Settings, name: str) -> str | None:
    value = getattr(settings, _FOLLOWS.get(name, name))
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value()) if "://" in value.get_secret_value() else str(value) or None
    if MASKED in Settings.model_fields[name].metadata:
        return masked(str(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return None if value in {None, ""} else str(value)


def masked(url: str) -> str:
    """An address without its password."""
    return _PASSWORD.sub(lambda found: f"{found[1]}:***" if found[1] is not None else "***", url)
