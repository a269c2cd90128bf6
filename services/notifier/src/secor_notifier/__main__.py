"""The notifier's command line: serve, migrate, check-rules."""

import gc

gc.disable()  # importing makes no garbage, and to look for it all the same takes a third of a start

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from secor_notifier import logs
from secor_notifier.channels.channel import UnknownMailUrlError
from secor_notifier.channels.staff_targets import UnknownTargetError
from secor_notifier.domain.rules_text import RulesError
from secor_notifier.ledger.engine import UnknownDatabaseError, open_engine, read_url
from secor_notifier.main import create_app, load_rules
from secor_notifier.migrations import migrate as migrate_ledger
from secor_notifier.server import server_of
from secor_notifier.settings import Settings
from secor_notifier.zone import WrongZoneError

gc.freeze()  # what was imported stays: it is never looked through again
gc.enable()

CANNOT_START = (RulesError, UnknownMailUrlError, UnknownTargetError, UnknownDatabaseError, WrongZoneError, OSError)
cli = typer.Typer(help="The notifier of SECOR certification cases.", no_args_is_help=True, add_completion=False)
console = Console(stderr=True)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Default: NOTIFIER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Default: NOTIFIER_PORT.")] = None,
) -> None:
    """Read the feed, send what is owed, and answer over HTTP."""
    settings = _settings()
    if not (settings.workflow_key.get_secret_value() or settings.token_url):
        raise _cannot("NOTIFIER_WORKFLOW_KEY is not set: the notifier needs a key of the workflow with its own role.")
    try:
        app = create_app(settings)
    except CANNOT_START as error:
        raise _cannot(str(error)) from error
    server = server_of(app, settings, host=host, port=port)
    server.run()
    if not server.started:
        raise typer.Exit(code=3)


@cli.command()
def migrate() -> None:
    """Bring the ledger's database to its newest shape."""
    settings = _settings()

    async def run() -> None:
        engine = open_engine(read_url(settings.database_url))
        try:
            await migrate_ledger(engine)
        finally:
            await engine.dispose()

    try:
        asyncio.run(run())
    except (UnknownDatabaseError, SQLAlchemyError, OSError) as error:
        raise _cannot(str(error)) from error
    console.print("The ledger has its newest shape.")


@cli.command(name="check-rules")
def check_rules(path: Annotated[Path | None, typer.Argument(help="Default: NOTIFIER_RULES.")] = None) -> None:
    """Read rules.toml as the service would at start."""
    try:
        rules = load_rules(path or _settings().rules)
    except (RulesError, OSError) as error:
        raise _cannot(str(error)) from error
    events = sum(len(letters) for letters in rules.events.values())
    console.print(f"The rules hold: {len(rules.ladders)} deadlines, {events} letters on events.")


@cli.callback()
def begin() -> None:
    """The notifier of SECOR certification cases."""
    os.umask(0o077)  # whatever is created holds personal data, or may: it is its owner's alone
    logs.begin()
    logs.begin(_settings().log_level)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
        )
        raise _cannot(f"The environment is wrong: {wrong}.") from None


def _cannot(reason: str) -> typer.Exit:
    console.print("[bold red]Cannot start.[/]", Text(reason))
    return typer.Exit(code=2)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
