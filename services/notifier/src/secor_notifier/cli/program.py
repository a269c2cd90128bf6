"""The program `secor-notifier`: every group of commands, and what is looked at before any of them."""

import os
from importlib.metadata import version
from typing import Annotated

import typer

from secor_notifier import logs
from secor_notifier.cli import backup, config, environment, reminders, rules, serving, transfer
from secor_notifier.cli.exits import Exit
from secor_notifier.cli.speech import answer
from secor_notifier.settings import Settings

cli = typer.Typer(help="The notifier of SECOR certification cases.", no_args_is_help=True)
cli.add_typer(serving.commands)
cli.add_typer(config.commands, name=config.NAME)
cli.add_typer(rules.commands)
cli.add_typer(transfer.commands)
cli.add_typer(backup.commands)
cli.add_typer(reminders.commands, name="reminders")


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 (a switch, as typer hands it in)
    if wanted:
        answer(version("secor-notifier"))
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version.")]


@cli.callback()
def begin(
    context: typer.Context,
    _: Version = False,  # noqa: FBT002 (a switch)
) -> None:
    """The notifier of SECOR certification cases: its letters, sent by itself and looked after from here."""
    os.umask(0o077)  # whatever is created holds personal data, or may: it is its owner's alone
    logs.begin()
    if context.invoked_subcommand == config.NAME:
        return
    if faults := environment.faults(serving=context.invoked_subcommand == serving.SERVE):
        logs.logger(__name__).critical("the environment is wrong", settings=faults)
        raise typer.Exit(Exit.WRONG)
    logs.begin(Settings().log_level)
