"""Of several notifier processes on one PostgreSQL, one works."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from databases import PostgresServer
from faults.proxy import Line
from secor_notifier.alone import Alone
from secor_notifier.ledger.engine import UnknownDatabaseError, open_engine, read_url


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(read_url(postgres_url))
    yield engine
    await engine.dispose()


async def test_the_second_stands_by_until_the_first_lets_go(shared: AsyncEngine) -> None:
    first, second = Alone(shared), Alone(shared)

    assert await first.held()
    assert await first.held()
    assert not await second.held()
    await first.let_go()
    assert await second.held()
    await second.let_go()


async def test_who_loses_its_connection_loses_the_lock(shared: AsyncEngine) -> None:
    first, second = Alone(shared), Alone(shared)
    assert await first.held()
    async with shared.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )

    with pytest.raises(SQLAlchemyError):
        await first.held()
    assert await second.held()
    assert not await first.held()
    await second.let_go()


async def test_who_waits_for_a_server_that_fell_silent_gives_up_and_lets_others(
    shared: AsyncEngine, postgres: PostgresServer, postgres_url: str
) -> None:
    async with Line(postgres.port) as line:
        through = open_engine(read_url(postgres_url).set(port=line.port), statement_seconds=0.2)
        first, second = Alone(through), Alone(shared)
        assert await first.held()
        line.tells.clear()

        with pytest.raises(TimeoutError):
            await first.held()

        line.tells.set()
        await eventually_held(second)
        await second.let_go()
        await through.dispose()


async def eventually_held(alone: Alone) -> None:
    """The server takes a moment to notice that a connection has ended."""
    async with asyncio.timeout(10):
        while not await alone.held():  # noqa: ASYNC110 (nobody tells of a lock)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("url", ["mysql://h/db", "oracle://h/db"])
def test_a_database_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(UnknownDatabaseError, match=r"sqlite:///… or postgresql://…"):
        read_url(url)
