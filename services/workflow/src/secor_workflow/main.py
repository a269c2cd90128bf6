"""The application: the only place where rooms meet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from uuid_utils.compat import uuid7

from secor_workflow import tracing
from secor_workflow.api import (
    actor_reads,
    approvals,
    archived,
    batch,
    cases,
    document_problems,
    documents,
    erasure,
    feed,
    identities,
    keys,
    newer_events,
    openapi,
    package_zip,
    pages,
    people,
    people_export,
    people_reads,
    people_retention,
    persons,
    probes,
    programme,
    refusals,
    rounds,
    sandbox,
    scorecards,
)
from secor_workflow.api.commands import command_router
from secor_workflow.api.deprecation import Deprecations
from secor_workflow.api.edge import Edge
from secor_workflow.api.measuring import Measuring
from secor_workflow.api.opening import Opening
from secor_workflow.api.origins import origins
from secor_workflow.api.patience import Patience
from secor_workflow.api.permissions import access
from secor_workflow.api.problems import install
from secor_workflow.api.rates import Rates
from secor_workflow.api.readers import Readers
from secor_workflow.api.rooms import Rooms
from secor_workflow.api.short_way import ShortWay
from secor_workflow.api.streams import Streams
from secor_workflow.api.traced import Inner, Traced
from secor_workflow.approvals import Approvals
from secor_workflow.circumstances import Circumstances
from secor_workflow.clock import Clock, deadline_zone
from secor_workflow.credentials.identities import Identities
from secor_workflow.credentials.persons import Persons
from secor_workflow.credentials.tokens import Tokens
from secor_workflow.database.calling import Ear
from secor_workflow.database.engine import open_engine, open_replica
from secor_workflow.database.migrate import migrate
from secor_workflow.database.schema import check_schema
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions
from secor_workflow.documents.scanner import Scanner
from secor_workflow.domain.policy import PACKAGED, Policies
from secor_workflow.erasure import Erasure
from secor_workflow.handler import Handler
from secor_workflow.intake import Intake
from secor_workflow.keeping_up import follow
from secor_workflow.keys import Keys
from secor_workflow.leaving import Leaving
from secor_workflow.log.log import Log
from secor_workflow.log.tail import Tail
from secor_workflow.opened import Opened
from secor_workflow.people import People
from secor_workflow.people_reads import PeopleReads
from secor_workflow.people_retention import PeopleRetention
from secor_workflow.refusals import Refusals
from secor_workflow.settings import Settings
from secor_workflow.sweep import sweep, sweep_forever

CREDENTIAL_REFRESH_SECONDS = 2.0

new_id: Callable[[], UUID] = uuid7

NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""The framework's own would tell paths and queries, which name cases and people; `api/traced.py` does not."""


def build_rooms(settings: Settings, *, patient: bool = False) -> Rooms:
    """Every room, joined; nothing is opened yet. For who is patient, a statement may take as long as it takes."""
    policies = Policies.load(settings.policy_file or PACKAGED)
    clock = Clock(deadline_zone(policies.editions[-1].calendar.zone.value))
    engine = open_engine(settings.database, patient=patient)
    replica = open_replica(settings.replica_url) if settings.replica_url else None
    log, folk, conditions, subjects = (
        Log(engine, replica),
        People(engine),
        Conditions(engine),
        Identities(engine, new_id),
    )
    key_ring = Keys(engine, new_id, settings.kind_of_keys, subjects.has_role)
    who_is_who = Persons(engine, subjects)
    circumstances = Circumstances(log, folk, key_ring, who_is_who, conditions, policies, clock)
    handler = Handler(log, folk, circumstances, new_id)
    blobs, scanner = Blobs.open(settings.documents), Scanner(settings.clamd)
    return Rooms(
        settings=settings,
        leaving=Leaving(),
        opened=Opened(),
        log=log,
        tail=Tail(log),
        people=folk,
        people_retention=PeopleRetention(log, folk),
        people_reads=PeopleReads(engine, new_id, settings.people_reads_keep_days),
        erasure=Erasure(engine, handler),
        keys=key_ring,
        identities=subjects,
        persons=who_is_who,
        approvals=Approvals(engine, new_id),
        tokens=Tokens(settings.oidc, subjects),
        rates=Rates(
            per_caller=settings.rate_per_caller,
            per_address=settings.rate_per_address,
            failures_per_address=settings.failures_per_address,
        ),
        streams=Streams(settings.max_streams_per_caller),
        refusals=Refusals(
            engine, new_id, per_minute=settings.refusals_per_minute, keep_days=settings.refusals_keep_days
        ),
        blobs=blobs,
        condition=conditions,
        scanner=scanner,
        policies=policies,
        clock=clock,
        circumstances=circumstances,
        handler=handler,
        tracing=tracing.begin(settings.otlp_url) if settings.otlp_url else None,
        measuring=Measuring(log, clock, Readers()),
        intake=Intake(handler, blobs, conditions, scanner, new_id),
        catch_up=lambda: sweep(handler),
    )


async def open_rooms(rooms: Rooms) -> None:
    """Bring the database up to date, or see that it is; and read what is held in memory.

    Raises WrongSchemaError if it is not, and to bring it there is not for us.
    """
    if rooms.settings.migrates:
        await migrate(rooms.log.engine)
    else:
        await check_schema(rooms.log.engine)
    await fill_rooms(rooms)


async def fill_rooms(rooms: Rooms) -> None:
    """Read what is held in memory, from a database that is up to date."""
    await rooms.log.open()
    await rooms.keys.refresh()
    await rooms.identities.refresh()
    await rooms.persons.refresh()
    if rooms.settings.sandbox:
        await rooms.clock.restore(rooms.log.engine)
    rooms.opened.done = True


async def close_rooms(rooms: Rooms) -> None:
    await rooms.log.close()
    await rooms.people.finish()
    await rooms.tokens.close()
    await rooms.refusals.finish()
    await rooms.log.engine.dispose()
    if rooms.log.replica is not None:
        await rooms.log.replica.engine.dispose()
    rooms.blobs.close()
    if rooms.tracing is not None:
        await asyncio.to_thread(rooms.tracing.shutdown)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel it until it has ended: a query that is broken off may make an error of its own out of that."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)


def _work_of(rooms: Rooms) -> list[asyncio.Task[None]]:
    """What goes on beside the requests."""
    return [
        asyncio.create_task(sweep_forever(rooms.handler, rooms.settings.sweep_seconds), name="sweep"),
        asyncio.create_task(
            follow(Ear(rooms.log.engine), rooms.keys, rooms.identities, rooms.persons, CREDENTIAL_REFRESH_SECONDS),
            name="credentials",
        ),
        asyncio.create_task(rooms.refusals.follow(), name="refusals"),
        asyncio.create_task(rooms.erasure.finish_forever(), name="erasure"),
        asyncio.create_task(rooms.people_reads.forget_forever(), name="people-reads"),
    ]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The workflow service as an ASGI application."""
    rooms = build_rooms(settings or Settings())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks: list[asyncio.Task[None]] = []

        async def begin() -> None:
            await open_rooms(rooms)
            tasks.extend(_work_of(rooms))

        try:
            if not await rooms.opened.attempt(begin):
                tasks.append(asyncio.create_task(rooms.opened.keep_trying(begin), name="start"))
            yield
        finally:
            await asyncio.gather(*map(_end, tasks))
            await close_rooms(rooms)

    app = FastAPI(
        title="SECOR workflow",
        version="1.0.0",
        summary="Certification cases of the small-employer Certificate of Recognition, as an append-only log.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.rooms = rooms
    install(app, refusals.note)
    document_problems.install(app)
    newer_events.install(app)
    archived.install(app)
    for router in (
        cases.router,
        package_zip.router,
        command_router(),
        batch.router,
        documents.router,
        rounds.router,
        scorecards.router,
        feed.router,
        programme.router,
        people_retention.router,
        actor_reads.router,  # before the people: `reads` is nobody's id
        people.router,
        people_export.router,
        people_reads.router,
        erasure.router,
        keys.router,
        identities.router,
        persons.router,
        approvals.router,
        refusals.router,
        probes.router,
        programme.open_router,
    ):
        app.include_router(router)
    if rooms.settings.sandbox:
        app.include_router(sandbox.router)
    app.add_middleware(Deprecations)
    _put_outermost(app, rooms)
    openapi.install(app)
    pages.install(app)
    tuple(access(app))  # a route without a declared permission is refused here, not served
    return app


def _put_outermost(app: FastAPI, rooms: Rooms) -> None:
    """The edge goes around everything, the framework's answer to our own faults too: that is counted like any other."""
    inner, settings = app.build_middleware_stack, rooms.settings

    def outer() -> Edge:
        short = ShortWay(inner(), rooms, app.exception_handlers)
        waiting: Inner = Patience(Opening(short, rooms.opened), settings)
        if rooms.tracing is not None:
            waiting = Traced(waiting, rooms.tracing)
        return Edge(origins(waiting, settings.cors_origins), new_id, settings.hsts_seconds)

    app.build_middleware_stack = outer  # type: ignore[method-assign]  # `add_middleware` puts it inside that answer
