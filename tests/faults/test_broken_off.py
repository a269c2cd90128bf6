"""A writer that is broken off leaves the lock to the next one, whatever it was about."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from databases import PostgresServer
from faults.proxy import Line
from faults.waiting import eventually
from secor_notifier.ledger import engine as ledgers
from secor_workflow.database.direct import Writer
from secor_workflow.database.engine import exclusive, open_engine

A_WHILE = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200000) SELECT count(*) FROM n"
Begin = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


async def write(writer: Writer) -> None:
    async with writer.transaction():
        pass


async def test_nobody_waits_for_the_lock_of_a_writer_that_is_gone(postgres: PostgresServer) -> None:
    async with Line(postgres.port) as line:
        url = sa.make_url(postgres.url("postgres"))
        through, past = (open_engine(u.render_as_string(hide_password=False)) for u in (url.set(port=line.port), url))
        writer = Writer(through)
        await write(writer)  # it has a connection now
        heard: list[bytes] = []
        line.answered = heard.append
        line.tells.clear()
        writing = asyncio.create_task(write(writer))
        await eventually(lambda: bool(heard))

        while not writing.done():  # undoing it is broken off too
            writing.cancel()
            await asyncio.sleep(0)
        line.tells.set()

        with pytest.raises(asyncio.CancelledError):
            await writing
        async with asyncio.timeout(10), exclusive(past):
            pass
        await write(writer)
        await writer.let_go()
        await through.dispose()
        await past.dispose()


async def breaks_off_nobody_else(begin: Begin, wait: float) -> None:
    """A transaction is cancelled while it asks, and somebody still holds what that left when another one begins."""
    under_way = asyncio.Event()

    async def write_and_ask() -> None:
        async with begin() as connection:
            await connection.exec_driver_sql("CREATE TABLE told (x INTEGER)")
            under_way.set()
            await connection.exec_driver_sql(A_WHILE)

    writing = asyncio.create_task(write_and_ask())
    await under_way.wait()
    await asyncio.sleep(wait)
    writing.cancel()
    left = (await asyncio.gather(writing, return_exceptions=True))[0]

    assert isinstance(left, asyncio.CancelledError)
    async with asyncio.timeout(10), begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE told (x INTEGER)")  # nothing of the other one is there


@pytest.mark.parametrize("wait", [0, 0.01])
async def test_a_transaction_on_sqlite_that_is_cancelled_keeps_nobody_waiting(tmp_path: Path, wait: float) -> None:
    workflow = open_engine(f"sqlite:///{tmp_path / 'workflow.db'}")
    notifier = ledgers.open_engine(ledgers.read_url(f"sqlite:///{tmp_path / 'notifier.db'}"))
    try:
        await breaks_off_nobody_else(lambda: exclusive(workflow), wait)
        await breaks_off_nobody_else(ledgers.writing(notifier).begin, wait)
    finally:
        await workflow.dispose()
        await notifier.dispose()
