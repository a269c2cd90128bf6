"""A writer that is broken off before it has heard that it holds the lock leaves the lock to the next one."""

import asyncio

import pytest
import sqlalchemy as sa

from databases import PostgresServer
from faults.proxy import Line
from faults.waiting import eventually
from secor_workflow.database.direct import Writer
from secor_workflow.database.engine import exclusive, open_engine


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
