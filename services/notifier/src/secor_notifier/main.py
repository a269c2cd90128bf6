"""Puts the house together: the only place where all rooms meet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.alone import Alone
from secor_notifier.api import pages, previews, probes, reminders, sandbox
from secor_notifier.api.body_limit import BodyLimit
from secor_notifier.api.deprecation import Deprecations
from secor_notifier.api.documented import tell
from secor_notifier.api.refusals import refuse_in_problems
from secor_notifier.api.request_id import RequestId
from secor_notifier.api.rooms import Rooms
from secor_notifier.channels import open_channel
from secor_notifier.clock import Clock
from secor_notifier.correspondence import Addresses, Correspondence
from secor_notifier.domain.letters import names
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.rules_text import read_rules
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.reading import Reading
from secor_notifier.migrations import migrate
from secor_notifier.pulse import Pulse
from secor_notifier.sending import Sending
from secor_notifier.settings import Settings
from secor_notifier.worker import Worker
from secor_notifier.workflow import Feed, Identity, Reads, WorkflowClient
from secor_notifier.zone import check_zone


def create_app(settings: Settings) -> FastAPI:
    """The notifier, whole: its API, and in the background its worker. Touches nothing until it is started."""
    check_zone()
    rules = load_rules(settings.rules)
    database = read_url(settings.database_url)
    channel = open_channel(settings.mail_url.get_secret_value())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            engine = open_engine(database)
            stack.push_async_callback(engine.dispose)
            client = WorkflowClient(settings.workflow_url, settings.workflow_key.get_secret_value())
            stack.push_async_callback(client.close)
            clock = await _prepare_ledger(engine, settings, rules)
            addresses = Addresses(settings.from_address, settings.staff_address, settings.worksafebc_address)
            correspondence = Correspondence(Reads(client), rules, addresses, clock)
            ledger, pulse, alone = Ledger(engine), Pulse(), Alone(engine)
            stack.push_async_callback(alone.let_go)
            sending = Sending(ledger, correspondence, channel)
            worker = Worker(Feed(client), sending, alone, pulse, settings.tick, settings.poll_seconds)
            app.state.rooms = Rooms(ledger, Reading(engine), correspondence, Identity(client), worker, pulse)
            running = asyncio.create_task(worker.run())
            stack.push_async_callback(_end, running)
            yield

    app = FastAPI(
        title="SECOR notifier",
        version="1.0.0",
        summary="Letters and reminders of SECOR certification cases.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    rooms = (reminders, previews, probes, *((sandbox,) if settings.sandbox else ()))
    for room in rooms:
        app.include_router(room.router)
    refuse_in_problems(app, [room.router for room in rooms])
    tell(app)
    pages.install(app)
    app.add_middleware(Deprecations)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestId)
    return app


def load_rules(path: Path) -> Rules:
    """The rules of this installation, checked against the letters there are."""
    return read_rules(path.read_text("utf-8"), names())


async def _prepare_ledger(engine: AsyncEngine, settings: Settings, rules: Rules) -> Clock:
    """A ledger in its newest shape which knows the rules, and the clock it has kept."""
    if settings.auto_migrate:
        await migrate(engine)
    ledger = Ledger(engine)
    await ledger.follow_rules(rules.fingerprint)
    return Clock(await ledger.clock_ahead()) if settings.sandbox else Clock()


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
