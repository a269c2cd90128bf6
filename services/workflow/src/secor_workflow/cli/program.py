"""The program `secor-workflow`: every group of commands, and what is looked at before any of them."""

import os
from importlib.metadata import version
from typing import Annotated

import typer

from secor_workflow import logs
from secor_workflow.cli import (
    backup,
    cases,
    config,
    documents,
    environment,
    feed,
    keys,
    log,
    partitions,
    people,
    policy,
    serving,
    transfer,
)
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.speech import answer
from secor_workflow.settings import Settings

main = typer.Typer(help="The SECOR workflow service.", no_args_is_help=True, pretty_exceptions_enable=False)
main.add_typer(serving.commands)
main.add_typer(config.commands, name=config.NAME)
main.add_typer(policy.commands)
main.add_typer(keys.commands, name="keys")
main.add_typer(cases.commands, name="cases")
main.add_typer(feed.commands, name="feed")
main.add_typer(log.commands)
main.add_typer(transfer.commands)
main.add_typer(backup.commands)
main.add_typer(partitions.commands, name="partitions")
main.add_typer(documents.commands, name="documents")
main.add_typer(people.commands, name="people")


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 (a switch, as typer hands it in)
    if wanted:
        answer(version("secor-workflow"))
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version.")]


@main.callback()
def begin(
    context: typer.Context,
    _: Version = False,  # noqa: FBT002 (a switch)
) -> None:
    """The SECOR workflow service: its log of cases, served over HTTP and looked after from here."""
    os.umask(0o077)  # whatever is created holds personal data, or may: it is its owner's alone
    logs.begin()
    if context.invoked_subcommand == config.NAME:
        return
    if faults := environment.faults(with_policy=context.invoked_subcommand != policy.CHECK_POLICY):
        logs.logger(__name__).critical("the environment is wrong", settings=faults)
        raise typer.Exit(Exit.WRONG)
    logs.begin(Settings().log_level)
