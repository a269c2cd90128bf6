"""The command line of the service itself: serve it, and bring its database up to date."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import typer

from secor_workflow.cli import environment
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.failures import Failure, failure_of
from secor_workflow.cli.house import answered
from secor_workflow.cli.speech import AsJson, answer, machine
from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import grant
from secor_workflow.database.migrate import migrate as bring_up_to_date
from secor_workflow.database.schema import check_schema
from secor_workflow.logs import logger
from secor_workflow.main import create_app
from secor_workflow.server import server_of
from secor_workflow.settings import Settings

commands = typer.Typer()
_log = logger(__name__)


@commands.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; WORKFLOW_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; WORKFLOW_PORT.")] = None,
) -> None:
    """Serve the REST API, and let the clock act.

    What cannot be mended by waiting ends it at once, with a sentence. While the database does not answer it serves
    probes alone, is not ready, and keeps trying.
    """
    settings = Settings()
    for name, nearest in environment.unknown():
        _log.warning("there is no such setting", variable=name, is_this_meant=nearest)
    with ExitStack() as until_served:
        try:
            sockets = until_served.enter_context(listening(host or settings.host, port or settings.port))
            try:
                asyncio.run(_look_at_database(settings))
            except Exception as error:
                if not ((failure := failure_of(error)) and failure.may_pass):
                    raise
            app = create_app(settings)
        except Exception as error:
            if (failure := failure_of(error)) is None:
                raise
            _log.critical("cannot start", why=failure.sentence)
            raise typer.Exit(failure.exit) from None
        server = server_of(app, settings, host=host, port=port)
        server.run(sockets=sockets)
    if not server.started:
        raise typer.Exit(Exit.UNAVAILABLE)


async def _look_at_database(settings: Settings) -> None:
    """Before anything is served: whoever starts it shall read in a sentence what is wrong with it."""
    engine = open_engine(settings.database, patient=True)
    try:
        if settings.migrates:
            await bring_up_to_date(engine)
        else:
            await check_schema(engine)
    finally:
        await engine.dispose()


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets of ours on all addresses of the host. Raises Failure if somebody has the port, or no host is there."""
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            ours = [opened.enter_context(_bound(*place)) for place in found]
        except OSError as error:
            why = str(error.strerror or error).lower()
            raise Failure(Exit.UNAVAILABLE, f"It cannot listen at {host}, port {port}: {why}.") from None
        yield ours


def _bound(family: int, kind: int, protocol: int, _name: str, address: Any) -> socket.socket:  # noqa: ANN401 (of its family)
    ours = socket.socket(family, kind, protocol)
    try:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            ours.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        ours.bind(address)
    except OSError:
        ours.close()
        raise
    return ours


@commands.command()
def migrate(
    grant_to: Annotated[
        str | None, typer.Option(help="The role the service runs as (PostgreSQL): it may append to the log, no more.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring the database up to date. Several may try at once, one does it; broken off, it has changed nothing."""

    async def run() -> None:
        engine = open_engine(Settings().database, patient=True)
        if grant_to and engine.dialect.name != "postgresql":
            raise typer.BadParameter("SQLite has no roles; --grant-to is for PostgreSQL")
        try:
            await bring_up_to_date(engine)
            if grant_to:
                await grant(engine, grant_to)
        finally:
            await engine.dispose()

    answered(run)
    if as_json:
        machine({"up_to_date": True})
    else:
        answer("The database is up to date.")
