"""The command line: serve, migrate, check-policy, keys, documents, verify, rebuild, new-epoch."""

import gc

gc.disable()  # importing makes no garbage, and to look for it all the same takes a third of a start

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from secor_workflow import logs
from secor_workflow.api.in_words import in_words
from secor_workflow.api.requests import Instant, written_as_duration
from secor_workflow.clock import true_now
from secor_workflow.database.engine import InUseError
from secor_workflow.database.migrate import grant
from secor_workflow.database.migrate import migrate as bring_up_to_date
from secor_workflow.documents.upkeep import Upkeep
from secor_workflow.documents_command import answered, documents
from secor_workflow.domain.context import Role
from secor_workflow.domain.policy import PACKAGED
from secor_workflow.log.restore import begin_epoch
from secor_workflow.log.upkeep import rebuild as rebuild_read_model
from secor_workflow.log.upkeep import verify as verify_log
from secor_workflow.main import build_rooms, close_rooms, create_app, open_rooms
from secor_workflow.people_command import people
from secor_workflow.policy_file import PolicyFileError, read_policy
from secor_workflow.server import server_of
from secor_workflow.settings import Settings

gc.freeze()  # what was imported stays: it is never looked through again
gc.enable()

main = typer.Typer(help="The SECOR workflow service.", no_args_is_help=True, add_completion=False)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
main.add_typer(keys, name="keys")
main.add_typer(documents, name="documents")
main.add_typer(people, name="people")
console = Console()
CHECK_POLICY = "check-policy"

_END: TypeAdapter[datetime | timedelta] = TypeAdapter(
    Annotated[timedelta, BeforeValidator(written_as_duration)] | Instant
)
ENV_KEYS = {
    "ADMIN_KEY": Role.ADMIN,
    "STAFF_KEY": Role.STAFF,
    "REVIEWER_KEY": Role.QA_REVIEWER,
    "INTEGRATION_KEY": Role.INTEGRATION,
    "READER_KEY": Role.READER,
    "NOTIFIER_KEY": Role.NOTIFIER,
}


@main.callback()
def begin(context: typer.Context) -> None:
    """The SECOR workflow service."""
    os.umask(0o077)  # whatever is created holds personal data, or may: it is its owner's alone
    logs.begin()
    try:
        settings = Settings()
        if settings.policy_file and context.invoked_subcommand != CHECK_POLICY:
            read_policy(settings.policy_file)
    except ValidationError as error:  # its own words repeat what was given, passwords too
        raise _wrong(*map(_setting, error.errors(include_input=False))) from None
    except PolicyFileError as error:
        raise _wrong(f"WORKFLOW_POLICY_FILE: {error}") from None
    except ValueError as error:  # what is no folder of secrets says so itself
        raise _wrong(str(error)) from None
    logs.begin(settings.log_level)


def _wrong(*settings: str) -> typer.Exit:
    logs.logger(__name__).critical("the environment is wrong", settings=[*settings])
    return typer.Exit(2)


def _setting(error: Mapping[str, Any]) -> str:
    """The variable, the place in it, and what is wrong."""
    name, *place = map(str, error["loc"])
    variable = name if name.startswith("SECOR_") else f"WORKFLOW_{name.upper()}"
    return f"{'.'.join((variable, *place))}: {in_words(error)}"


@main.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; WORKFLOW_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; WORKFLOW_PORT.")] = None,
) -> None:
    """Serve the REST API, and let the clock act."""
    settings = Settings()
    app = create_app(settings)
    server_of(app, settings, host=host, port=port).run()


@main.command()
def migrate(
    grant_to: Annotated[
        str | None, typer.Option(help="The role the service runs as (PostgreSQL): it may append to the log, no more.")
    ] = None,
) -> None:
    """Bring the database up to date."""

    async def run() -> None:
        rooms = build_rooms(Settings())
        if grant_to and rooms.log.engine.dialect.name != "postgresql":
            raise typer.BadParameter("SQLite has no roles; --grant-to is for PostgreSQL")
        try:
            await bring_up_to_date(rooms.log.engine)
            if grant_to:
                await grant(rooms.log.engine, grant_to)
        finally:
            await close_rooms(rooms)

    asyncio.run(run())
    console.print("The database is up to date.")


@main.command(CHECK_POLICY)
def check_policy(path: Annotated[Path | None, typer.Argument(help="Default: WORKFLOW_POLICY_FILE.")] = None) -> None:
    """Read the programme's numbers as the service would at start. Exits 2 and says what is wrong, if anything is."""
    try:
        policies = read_policy(path or Settings().policy_file or PACKAGED)
    except PolicyFileError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[red]✗[/red] {escape(str(error))}")
        raise typer.Exit(2) from None
    days = ", ".join(str(edition.effective_from) for edition in policies.editions)
    console.print(f"[green]✓[/green] The policy holds: {len(policies.editions)} editions, in force from {days}.")


@keys.command("create")
def create_key(
    role: Annotated[Role, typer.Option(help="What it may do.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "unnamed",
    actor_id: Annotated[str | None, typer.Option(help="Who acts with it.")] = None,
    account: Annotated[str | None, typer.Option(help="An employer's WorkSafeBC account.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: P90D from now, or an instant such as 2030-01-01T00:00:00Z.")
    ] = None,
) -> None:
    """Create a key and print it, alone, on standard output: it is shown once and kept nowhere."""
    if role is Role.CLOCK or (role is Role.EMPLOYER) is not (account is not None):
        raise typer.BadParameter("an employer's key needs --account, no other has one; the clock has no key")
    [secret] = asyncio.run(_create_keys([role], name, actor_id, account, _end(expires)))
    typer.echo(secret)


@keys.command("env")
def create_key_of_each_role(name: Annotated[str, typer.Option(help="What they are for.")] = "unnamed") -> None:
    """Create a key of every role but employer and print them as lines of an environment file."""
    for variable, secret in zip(ENV_KEYS, asyncio.run(_create_keys([*ENV_KEYS.values()], name)), strict=True):
        typer.echo(f"{variable}={secret}")


async def _create_keys(
    roles: list[Role],
    name: str,
    actor_id: str | None = None,
    account: str | None = None,
    expires_at: datetime | None = None,
) -> list[str]:
    rooms = build_rooms(Settings())
    try:
        await open_rooms(rooms)
        made = [
            await rooms.keys.create(
                actor_id=actor_id,
                role=role,
                name=name,
                account=account,
                by="command-line",
                now=rooms.clock.now(),
                expires_at=expires_at,
            )
            for role in roles
        ]
    finally:
        await close_rooms(rooms)
    return [secret for _, secret in made if secret is not None]


def _end(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        end = _END.validate_python(said)
        end = true_now() + end if isinstance(end, timedelta) else end
    except (ValidationError, OverflowError):
        end = None
    if end is None or end <= true_now():
        raise typer.BadParameter("--expires is a duration such as P90D, or an instant to come with its zone")
    return end


@main.command()
def verify() -> None:
    """Check the whole log (positions, versions, folds, read model) and that every document's bytes are there, intact.

    Exits 1 and says what is wrong if anything is.
    """

    async def run() -> list[str]:
        rooms = build_rooms(Settings())
        upkeep = Upkeep(rooms.log, rooms.blobs, rooms.condition)
        try:
            with Progress(console=console) as progress:
                log = progress.add_task("verifying the log", total=None)
                faults = await verify_log(
                    rooms.log, rooms.policies, lambda done, of: progress.update(log, completed=done, total=of)
                )
                if faults:  # what is referenced is read from the log
                    return faults
                store = progress.add_task("verifying documents", total=None)
                return await upkeep.verify(lambda done, of: progress.update(store, completed=done, total=of))
        finally:
            await close_rooms(rooms)

    if faults := answered(run):
        for fault in faults:
            console.print(f"[red]✗[/red] {fault}")
        raise typer.Exit(1)
    console.print("[green]✓[/green] Positions are dense, versions too; every case folds; the read model is the log's.")
    console.print("[green]✓[/green] The bytes of every document are there, and are those that were handed in.")


@main.command()
def rebuild() -> None:
    """Write the read model anew from the log. The service may go on meanwhile."""

    async def run() -> int:
        rooms = build_rooms(Settings())
        try:
            with Progress(console=console) as progress:
                bar = progress.add_task("rebuilding", total=None)
                return await rebuild_read_model(
                    rooms.log, rooms.policies, lambda done, of: progress.update(bar, completed=done, total=of)
                )
        finally:
            await close_rooms(rooms)

    console.print(f"{answered(run)} cases rebuilt.")


@main.command("new-epoch")
def new_epoch() -> None:
    """After a restore from a backup, before the service starts: tell consumers what was lost. Refused while it runs."""

    async def run() -> int:
        rooms = build_rooms(Settings())
        try:
            return await begin_epoch(rooms.log.engine)
        finally:
            await close_rooms(rooms)

    try:
        head = asyncio.run(run())
    except InUseError:
        console.print(
            "[red]✗[/red] Nothing was changed: the database is in use; first stop every process of the service."
        )
        raise typer.Exit(1) from None
    console.print(f"A new epoch begins after position {head}; cursors of the one before are told so.")


if __name__ == "__main__":
    main()
