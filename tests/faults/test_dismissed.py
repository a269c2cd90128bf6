"""Between a server's good-bye to an idle connection and its end, who asks on it learns that the database is gone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from databases import PostgresServer
from faults.proxy import Line
from faults.waiting import eventually
from secor_workflow.database.direct import Question, Writer
from secor_workflow.database.engine import is_away, open_engine, reading

PID = sa.select(sa.func.pg_backend_pid())


async def by_sqlalchemy(engine: AsyncEngine, _writer: Writer) -> int:
    async with reading(engine).connect() as connection:
        pid: int = (await connection.execute(PID)).scalar_one()
    return pid


async def by_the_driver(engine: AsyncEngine, _writer: Writer) -> int:
    return int((await Question(engine, PID).ask())[0][0])


async def when_appending(engine: AsyncEngine, writer: Writer) -> int:
    async with writer.transaction() as connection:
        return int((await Question(engine, PID).ask_on(connection, {}))[0][0])


async def when_appending_alone(engine: AsyncEngine, writer: Writer) -> int:
    async with writer.statement() as driver:
        return int((await Question(engine, PID).ask_by(driver, {}))[0][0])


@asynccontextmanager
async def engines(postgres: PostgresServer, line: Line) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    """Through the line, and past it."""
    url = sa.make_url(postgres.url("postgres"))
    through, past = (open_engine(u.render_as_string(hide_password=False)) for u in (url.set(port=line.port), url))
    yield through, past
    await through.dispose()
    await past.dispose()


async def dismiss(pid: int, past: AsyncEngine, line: Line) -> None:
    """The server has said good-bye to a connection; that it has ended is not heard yet."""
    line.closes.clear()
    heard: list[bytes] = []
    line.answered = heard.append
    async with past.connect() as other:
        assert await other.scalar(sa.select(sa.func.pg_terminate_backend(pid, 5000)))
    await eventually(lambda: b"57P01" in b"".join(heard))


@pytest.mark.parametrize("ask", [by_sqlalchemy, by_the_driver, when_appending, when_appending_alone])
async def test_a_connection_that_was_dismissed_is_an_outage_and_the_next_one_is_good(
    postgres: PostgresServer, ask: Callable[[AsyncEngine, Writer], Awaitable[int]]
) -> None:
    async with Line(postgres.port) as line, engines(postgres, line) as (through, past):
        writer = Writer(through)
        dismissed = await ask(through, writer)
        await dismiss(dismissed, past, line)

        with pytest.raises(DBAPIError) as away:
            await ask(through, writer)
        assert is_away(away.value)
        assert away.value.connection_invalidated

        line.closes.set()
        assert await ask(through, writer) != dismissed
        await writer.let_go()


async def test_a_connection_that_was_dismissed_is_let_go_of_as_any_other(postgres: PostgresServer) -> None:
    async with Line(postgres.port) as line, engines(postgres, line) as (through, past):
        writer = Writer(through)
        await dismiss(await when_appending_alone(through, writer), past, line)

        await writer.let_go()

        assert isinstance(through.pool, sa.AsyncAdaptedQueuePool)
        assert through.pool.checkedout() == 0
