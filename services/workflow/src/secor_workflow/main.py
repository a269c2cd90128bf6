"""The application: the only place where rooms meet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from fastapi import Depends, FastAPI
from uuid_utils.compat import uuid7

from secor_workflow.api import cases, feed, keys, openapi, pages, people, probes, programme, sandbox
from secor_workflow.api.commands import command_router
from secor_workflow.api.deprecation import Deprecations
from secor_workflow.api.edge import Edge
from secor_workflow.api.problems import install
from secor_workflow.api.requests import each_once
from secor_workflow.api.rooms import Rooms
from secor_workflow.clock import Clock, deadline_zone
from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate
from secor_workflow.domain.policy import Policies
from secor_workflow.handler import Handler
from secor_workflow.keys import Keys
from secor_workflow.log.log import Log
from secor_workflow.log.tail import Tail
from secor_workflow.people import People
from secor_workflow.settings import Settings
from secor_workflow.sweep import sweep, sweep_forever

KEY_REFRESH_SECONDS = 2.0

new_id: Callable[[], UUID] = uuid7


def build_rooms(settings: Settings) -> Rooms:
    """Every room, joined; nothing is opened yet."""
    policies = Policies.load()
    clock = Clock(deadline_zone(policies.editions[-1].calendar.zone.value))
    engine = open_engine(settings.database)
    log, folk, key_ring = Log(engine), People(engine), Keys(engine, new_id)
    handler = Handler(log, folk, key_ring, policies, clock, new_id)
    return Rooms(
        settings=settings,
        log=log,
        tail=Tail(log),
        people=folk,
        keys=key_ring,
        policies=policies,
        clock=clock,
        handler=handler,
        catch_up=lambda: sweep(handler),
    )


async def open_rooms(rooms: Rooms) -> None:
    """Bring the database up to date and read what is held in memory."""
    if rooms.settings.auto_migrate:
        await migrate(rooms.log.engine)
    await rooms.log.open()
    await rooms.keys.refresh()
    if rooms.settings.sandbox:
        await rooms.clock.restore(rooms.log.engine)


async def close_rooms(rooms: Rooms) -> None:
    await rooms.log.close()
    await rooms.log.engine.dispose()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The workflow service as an ASGI application."""
    rooms = build_rooms(settings or Settings())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await open_rooms(rooms)
        tasks = [
            asyncio.create_task(sweep_forever(rooms.handler, rooms.settings.sweep_seconds), name="sweep"),
            asyncio.create_task(rooms.keys.follow(KEY_REFRESH_SECONDS), name="keys"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await close_rooms(rooms)

    app = FastAPI(
        title="SECOR workflow",
        version="1.0.0",
        summary="Certification cases of the small-employer Certificate of Recognition, as an append-only log.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(each_once)],
    )
    app.state.rooms = rooms
    install(app)
    for router in (
        cases.router,
        command_router(),
        feed.router,
        programme.router,
        people.router,
        keys.router,
        probes.router,
        programme.open_router,
    ):
        app.include_router(router)
    if rooms.settings.sandbox:
        app.include_router(sandbox.router)
    app.add_middleware(Deprecations)
    _put_outermost(app)
    openapi.install(app)
    pages.install(app)
    return app


def _put_outermost(app: FastAPI) -> None:
    """The edge goes around everything, the framework's answer to our own faults too: that is counted like any other."""
    inner = app.build_middleware_stack
    app.build_middleware_stack = lambda: Edge(inner(), new_id)  # type: ignore[method-assign]  # `add_middleware` puts it inside that answer
