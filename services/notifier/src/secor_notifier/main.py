"""Puts the house together: the only place where all rooms meet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils import uuid7

from secor_notifier.alone import Alone
from secor_notifier.api import (
    calendars,
    delivery_reports,
    letters,
    opt_outs,
    pages,
    previews,
    probes,
    reminders,
    sandbox,
    silences,
    simulations,
    timelines,
    unsubscribe,
    webhooks,
)
from secor_notifier.api.body_limit import BodyLimit
from secor_notifier.api.deprecation import Deprecations
from secor_notifier.api.documented import tell
from secor_notifier.api.measuring import Measuring
from secor_notifier.api.permissions import access
from secor_notifier.api.refusals import refuse_in_problems
from secor_notifier.api.request_id import RequestId
from secor_notifier.api.rooms import Rooms
from secor_notifier.api.wall import Wall
from secor_notifier.calendars.diary import Diary
from secor_notifier.calendars.ics import Typesetter
from secor_notifier.calendars.library import Library
from secor_notifier.calendars.policy import CalendarPolicy
from secor_notifier.calendars.subscriptions import Subscriptions
from secor_notifier.channels import Door, open_channel, open_targets
from secor_notifier.channels.envelope import Addressed
from secor_notifier.channels.mailbox import Mailbox
from secor_notifier.clock import Clock
from secor_notifier.correspondence import Addresses, Correspondence
from secor_notifier.courtesies import Courtesies
from secor_notifier.digests import Digests
from secor_notifier.domain.letters import Desk, names
from secor_notifier.domain.rules import MAIL, Rules
from secor_notifier.domain.rules_text import read_rules
from secor_notifier.dsn import Maildir
from secor_notifier.errand import Errand
from secor_notifier.forgetting import Forgetting
from secor_notifier.installation import master_key
from secor_notifier.leaving import Leaving
from secor_notifier.ledger import Ledger, Outbox, Wishes
from secor_notifier.ledger.answers import Answers
from secor_notifier.ledger.balances import Balances
from secor_notifier.ledger.deliveries import DeliveryReports
from secor_notifier.ledger.engine import may_be_shared, open_engine, read_url
from secor_notifier.ledger.reading import Reading
from secor_notifier.ledger.schema import check_schema
from secor_notifier.migrations import migrate
from secor_notifier.opened import attempt, keep_trying
from secor_notifier.plan import Plan
from secor_notifier.planning import Planning
from secor_notifier.preparing import Preparing
from secor_notifier.pulse import Pulse
from secor_notifier.reconciling import Reconciling
from secor_notifier.sending import Sending
from secor_notifier.settings import Settings
from secor_notifier.timeline import Timeline
from secor_notifier.tracing import Tracing
from secor_notifier.way_out import WayOut
from secor_notifier.webhooks.courier import Courier
from secor_notifier.webhooks.deliveries import Deliveries
from secor_notifier.webhooks.endpoints import Endpoints
from secor_notifier.webhooks.knock import Knocker
from secor_notifier.webhooks.notice import StaffNotices
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.worker import Worker
from secor_notifier.workflow import Feed, Identity, Reads, Vocabulary, WorkflowClient
from secor_notifier.workflow.confirming import Confirming
from secor_notifier.workflow.listing import Listing
from secor_notifier.workflow.own_credential import ClientCredentials
from secor_notifier.zone import check_zone

NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""The framework's own would tell paths, which hold a calendar's token; `tracing.py` does not."""


def create_app(settings: Settings) -> FastAPI:
    """The notifier, whole: its API, and in the background its worker. Touches nothing until it is started."""
    check_zone()
    rules = load_rules(settings.rules)
    database = read_url(settings.database_url)
    channel = open_channel(settings.mail_url.get_secret_value())
    targets = open_targets([target.get_secret_value() for target in settings.staff_targets])
    rules = replace(rules, staff_channels=(MAIL, *targets))
    leaving = Leaving()

    async def furnish(app: FastAPI, house: AsyncExitStack) -> None:
        async with AsyncExitStack() as stack:
            engine = open_engine(database)
            stack.push_async_callback(engine.dispose)
            tracing, client = _asking(settings, stack)
            ledger, wishes, reading = Ledger(engine), Wishes(engine), Reading(engine)
            outbox = Outbox(engine, str(uuid7()), settings.lease_seconds)
            clock = await _prepare(ledger, outbox, settings, rules)
            addresses = Addresses(
                settings.from_address,
                settings.staff_address,
                settings.worksafebc_address,
                settings.staff_phone,
                settings.case_url,
                settings.package_url,
            )
            reads = Reads(client)
            key = await master_key(engine, settings.secret.get_secret_value())
            library = _library(engine, client, settings, rules, clock)
            way_out = WayOut(key, settings.public_url)
            correspondence = Correspondence(
                reads, rules, addresses, clock, Courtesies(library, way_out), settings.locale
            )
            digests = Digests(ledger, reading, reads, rules, clock)
            preparing = Preparing(ledger, wishes, correspondence, digests)
            sending = Sending(outbox, preparing, {MAIL: channel, **targets}, tracing)
            stack.push_async_callback(sending.finish)
            pulse, alone = Pulse(), Alone(engine)
            stack.push_async_callback(alone.let_go)
            planning = Planning(ledger, wishes, rules, clock)
            worker = Worker(
                Feed(client), ledger, planning, sending, alone, pulse, settings.tick, settings.poll_seconds, tracing
            )
            policy = WebhookPolicy.read()
            knocker = await stack.enter_async_context(Knocker(policy, anywhere=settings.webhooks_anywhere))
            notices = StaffNotices(
                Endpoints(engine),
                channel,
                Addressed(addresses.sender, addresses.staff),
                policy,
                Desk(addresses.staff, addresses.phone, addresses.case_url),
            )
            courier = Courier(Feed(client), Endpoints(engine), Deliveries(engine), knocker, notices, policy, key, clock)
            plan, reports, balances, intake = (
                Plan(ledger, reading, wishes, rules, clock),
                DeliveryReports(engine),
                Balances(engine),
                _maildir(settings, DeliveryReports(engine), clock),
            )
            copies = (*((channel,) if isinstance(channel, Mailbox) else ()), *intake)
            reconciling = Reconciling(Listing(client), ledger, plan, balances, pulse)
            errands = (
                Errand("diary", library.diary.catch_up),
                Errand("webhooks", courier.round),
                Errand("reconciliation", reconciling.work),
                Errand(
                    "forgetting",
                    Forgetting(engine, Feed(client), ledger, rules, clock, copies, Confirming(client)).work,
                ),
                *(Errand("delivery reports", maildir.work) for maildir in intake),
            )
            app.state.rooms = Rooms(
                leaving=leaving,
                ledger=ledger,
                reading=reading,
                wishes=wishes,
                outbox=outbox,
                answers=Answers(engine),
                reports=reports,
                plan=plan,
                timeline=Timeline(reads, reading, plan),
                correspondence=correspondence,
                identity=Identity(client),
                vocabulary=Vocabulary(reads),
                worker=worker,
                pulse=pulse,
                courier=courier,
                library=library,
                way_out=way_out,
                door=Door(channel),
                measuring=Measuring(engine, reading, courier),
                errands=errands,
                webhooks_anywhere=settings.webhooks_anywhere,
                public_url=settings.public_url,
            )
            for work in (worker.follow(), worker.tick(), *(errand.run(pulse, settings.tick) for errand in errands)):
                stack.push_async_callback(_end, asyncio.create_task(work))
            house.push_async_callback(stack.pop_all().aclose)  # nothing failed, so it stays until the house is left

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as house:
            if not await attempt(lambda: furnish(app, house)):
                trying = asyncio.create_task(keep_trying(lambda: furnish(app, house)))
                house.push_async_callback(_end, trying)
            yield

    app = FastAPI(
        title="SECOR notifier",
        version="1.0.0",
        summary="Letters and reminders of SECOR certification cases.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.leaving = leaving
    _open_doors(app, settings)
    return app


def _open_doors(app: FastAPI, settings: Settings) -> None:
    """Every route, and how all of them refuse and are told of."""
    rooms = (
        reminders,
        timelines,
        simulations,
        silences,
        opt_outs,
        delivery_reports,
        webhooks,
        calendars,
        unsubscribe,
        letters,
        previews,
        probes,
        *((sandbox,) if settings.sandbox else ()),
    )
    for room in rooms:
        app.include_router(room.router)
    refuse_in_problems(app, [room.router for room in rooms])
    tell(app)
    pages.install(app)
    tuple(access(app))  # a route without a declared permission is refused here, not served
    _put_around(app, settings)


def _put_around(app: FastAPI, settings: Settings) -> None:
    """What each request passes through, from the inside out."""
    app.add_middleware(Deprecations)
    app.add_middleware(BodyLimit, seconds=settings.body_seconds)
    app.add_middleware(Wall, most=settings.max_open_requests, hsts_seconds=settings.hsts_seconds)
    app.add_middleware(RequestId)


def own_credential(settings: Settings) -> str | ClientCredentials:
    """With what the notifier comes to the workflow: a token endpoint of a provider goes before a key."""
    if not settings.token_url:
        return settings.workflow_key.get_secret_value()
    secret = settings.client_secret.get_secret_value()
    return ClientCredentials(settings.token_url, settings.client_id, secret, settings.token_scope)


def load_rules(path: Path) -> Rules:
    """The rules of this installation, checked against the letters there are."""
    return read_rules(path.read_text("utf-8"), names())


async def _prepare(ledger: Ledger, outbox: Outbox, settings: Settings, rules: Rules) -> Clock:
    """A ledger in its newest shape which knows the rules, and the clock it has kept."""
    if settings.migrates:
        await migrate(ledger.engine)
    else:
        await check_schema(ledger.engine)
    await ledger.follow_rules(rules.fingerprint)
    clock = Clock(kept=ledger.clock_ahead) if settings.sandbox else Clock()
    await clock.follow()
    if not may_be_shared(ledger.engine):
        await outbox.find_lost(clock.now(), all_of_them=True)
    return clock


def _library(engine: AsyncEngine, client: WorkflowClient, settings: Settings, rules: Rules, clock: Clock) -> Library:
    policy = CalendarPolicy.read()
    typesetter = Typesetter(rules, policy, settings.staff_address)
    return Library(Diary(engine, Feed(client)), Subscriptions(engine), typesetter, policy, clock)


def _asking(settings: Settings, stack: AsyncExitStack) -> tuple[Tracing, WorkflowClient]:
    """Who asks the workflow, and what makes a trace of that."""
    tracing = Tracing.to(settings.otlp_url)
    stack.push_async_callback(tracing.close)
    client = WorkflowClient(settings.workflow_url, own_credential(settings), tracing)
    stack.push_async_callback(client.close)
    return tracing, client


def _maildir(settings: Settings, reports: DeliveryReports, clock: Clock) -> tuple[Maildir, ...]:
    """The intake of delivery status notifications, if there is a maildir for them."""
    if settings.dsn_maildir is None:
        return ()
    return (Maildir(settings.dsn_maildir, reports, clock),)


async def _end(running: asyncio.Task[None]) -> None:
    """Cancel it until it has ended: a query that is broken off may make an error of its own out of that."""
    while not running.done():
        running.cancel()
        await asyncio.wait({running}, timeout=0.1)
