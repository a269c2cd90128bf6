"""The command line of API keys: make them, list them, and take them back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from secor_workflow.api.requests import Instant, written_as_duration
from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure
from secor_workflow.cli.house import ACTOR, within
from secor_workflow.cli.speech import AsJson, answer, machine, say, table
from secor_workflow.clock import true_now
from secor_workflow.domain.context import Role
from secor_workflow.keys import Key

commands = typer.Typer(help="API keys.", no_args_is_help=True)

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


@commands.command()
def create(  # noqa: PLR0913 (options)
    role: Annotated[Role, typer.Option(help="What it may do.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "unnamed",
    actor_id: Annotated[str | None, typer.Option(help="Who acts with it.")] = None,
    account: Annotated[str | None, typer.Option(help="An employer's WorkSafeBC account.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: P90D from now, or an instant such as 2030-01-01T00:00:00Z.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Create a key and print it, alone, on standard output: it is shown once and kept nowhere."""
    if role is Role.CLOCK or (role is Role.EMPLOYER) is not (account is not None):
        raise typer.BadParameter("an employer's key needs --account, no other has one; the clock has no key")
    [(key, secret)] = _created([role], name, actor_id=actor_id, account=account, expires_at=_end(expires))
    if as_json:
        machine({"key": secret, **_told(key)})
    else:
        answer(secret)


@commands.command("env")
def create_one_of_each_role(name: Annotated[str, typer.Option(help="What they are for.")] = "unnamed") -> None:
    """Create a key of every role but employer and print them as lines of an environment file."""
    made = _created([*ENV_KEYS.values()], name)
    answer(*(f"{variable}={secret}" for variable, (_, secret) in zip(ENV_KEYS, made, strict=True)))


@commands.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all keys, those that have ended too, but not the keys themselves: nobody has them."""

    async def run(rooms: Rooms) -> list[Key]:
        return rooms.keys.all()

    keys = [_told(key) for key in within(run)]
    if as_json:
        for key in keys:
            machine(key)
    else:
        columns = ("key_id", "state", "role", "actor_id", "name", "expires_at", "last_used_at")
        table(columns, ([key[column] for column in columns] for key in keys))


@commands.command()
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="As `keys list` shows it.")], *, as_json: AsJson = False
) -> None:
    """Take a key back: from now on it opens nothing. Running processes follow within two seconds."""

    async def run(rooms: Rooms) -> Key:
        if rooms.keys.find(key_id) is None:
            raise Failure(Exit.FAULTS, "There is no such key; `secor-workflow keys list` shows all.")
        await rooms.keys.revoke(key_id, rooms.clock.now())
        key = rooms.keys.find(key_id)
        assert key is not None  # noqa: S101 (a key that was found stays on record)
        return key

    key = within(run)
    if as_json:
        machine(_told(key))
    else:
        say(f"The key {key.key_id} of {key.actor_id} opens nothing any more.")


def _told(key: Key) -> dict[str, Any]:
    """A key as it is listed."""
    return {**asdict(key), "state": "revoked" if key.revoked_at else "expired" if key.expired else "valid"}


def _created(
    roles: Sequence[Role],
    name: str,
    *,
    actor_id: str | None = None,
    account: str | None = None,
    expires_at: datetime | None = None,
) -> list[tuple[Key, str]]:
    async def run(rooms: Rooms) -> list[tuple[Key, str]]:
        made = [
            await rooms.keys.create(
                actor_id=actor_id,
                role=role,
                name=name,
                account=account,
                by=ACTOR,
                now=rooms.clock.now(),
                expires_at=expires_at,
            )
            for role in roles
        ]
        return [(key, secret) for key, secret in made if secret is not None]

    return within(run, may_begin=True)


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
