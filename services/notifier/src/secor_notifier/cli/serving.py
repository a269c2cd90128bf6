"""The command line of the service itself: serve it, and bring its database up to date."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import typer

from secor_notifier.cli import environment
from secor_notifier.cli.exits import Exit
from secor_notifier.cli.failures import Failure, failure_of
from secor_notifier.cli.house import on_database
from secor_notifier.cli.speech import AsJson, answer, machine
from secor_notifier.installation import master_key
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.schema import check_schema
from secor_notifier.logs import logger
from secor_notifier.main import create_app
from secor_notifier.migrations import migrate as migrate_ledger
from secor_notifier.server import server_of
from secor_notifier.settings import Settings

SERVE = "serve"
commands = typer.Typer()
_log = logger(__name__)


@commands.command(SERVE)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; NOTIFIER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; NOTIFIER_PORT.")] = None,
) -> None:
    """Read the feed, send what is owed, and answer over HTTP.

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
    engine = open_engine(read_url(settings.database_url), statement_seconds=None)
    try:
        if settings.migrates:
            await migrate_ledger(engine)
        else:
            await check_schema(engine)
        await master_key(engine, settings.secret.get_secret_value())
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
def migrate(*, as_json: AsJson = False) -> None:
    """Bring the ledger's database to its newest shape. Several may try at once, one does it."""
    on_database(migrate_ledger, may_begin=True)
    if as_json:
        machine({"up_to_date": True})
    else:
        answer("The ledger has its newest shape.")
