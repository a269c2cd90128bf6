"""Checking the whole log, and writing the read model anew from it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.direct import write_rows
from secor_workflow.database.engine import exclusive
from secor_workflow.database.moment import one_moment, snapshot_of
from secor_workflow.database.rows import Row
from secor_workflow.database.tables import archived_cases, cases, events
from secor_workflow.domain.policy import Policies
from secor_workflow.log.archives import all_archived_cases, beginning
from secor_workflow.log.checking import faults_between
from secor_workflow.log.envelope import read
from secor_workflow.log.histories import EVERY_CASE, LOOKED_THROUGH, Reading, telling
from secor_workflow.log.log import Log
from secor_workflow.log.read_model import row_told
from secor_workflow.log.several import by_several, parts

Progress = Callable[[int, int], None]
MANY_CASES = 20_000
"""From so many on it is worth the second that other processes take to begin."""
_WRITTEN_AT_ONCE = 1000


async def verify(log: Log, policies: Policies, progress: Progress) -> list[str]:
    """What is wrong: positions or versions with a gap, texts that are not their rows', rows that are not the log's."""
    async with one_moment(log.engine) as connection:  # others write on, and nobody waits
        faults = await _gaps(connection)
        total = int(await connection.scalar(sa.select(sa.func.count()).select_from(cases)) or 0)
        done = 0

        def looked_at(number: int) -> None:
            nonlocal done
            done += number
            progress(done, max(total, done))

        if total < MANY_CASES or log.engine.dialect.name != "postgresql":
            return faults + await faults_between(log.engine, connection, EVERY_CASE, policies, looked_at)
        snapshot, some = await snapshot_of(connection), await parts(connection)
        async with aclosing(by_several(log.engine.url, snapshot, some, policies)) as told:
            async for number, found in told:
                faults += found
                looked_at(number)
    return faults


async def rebuild(log: Log, policies: Policies, progress: Progress, *, looked_through: int = LOOKED_THROUGH) -> int:
    """Write every case's row anew, in one transaction; returns how many."""
    async with exclusive(log.engine) as connection:
        total = int(await connection.scalar(sa.select(sa.func.count()).where(events.c.version == 1)) or 0)
        archived = await all_archived_cases(connection)  # their rows cannot be told anew, and change no more
        stays = sa.exists().where(archived_cases.c.case_id == cases.c.case_id)
        await connection.execute(sa.delete(cases).where(~stays))
        reading = Reading(connection)
        done, rows = 0, list[Row]()

        async def write(some: list[Row]) -> None:
            async with reading.turn():
                await write_rows(log.engine, connection, some)

        writing = asyncio.create_task(write([]))
        try:
            async with aclosing(reading.histories(telling(log.engine, looked_through))) as all_cases:
                async for history in all_cases:
                    if history[0][0] in archived:
                        continue
                    told = [read(type_, body) for *_, type_, body in history]
                    rows.append(Row(cases, row_told(history[0][0], told, policies)))
                    progress(done := done + 1, total)
                    if len(rows) == _WRITTEN_AT_ONCE:
                        await writing
                        writing, rows = asyncio.create_task(write(rows)), []
                        await asyncio.sleep(0)  # the database writes them while the next are told
            await writing
            await write(rows)
        finally:
            await asyncio.wait({writing})  # a statement that is cut off would leave its connection behind
            if not writing.cancelled():
                writing.exception()  # whoever failed has it from its turn
    return done


async def _gaps(connection: AsyncConnection) -> list[str]:
    position = events.c.position
    found = await connection.execute(sa.select(sa.func.count(), sa.func.min(position), sa.func.max(position)))
    count, first, last = found.one()
    before = await beginning(connection)
    dense = (first, last) == (before + 1, before + count) if count else before == 0
    return [] if dense else [f"{count} events, but from position {first} to {last}: positions have a gap"]
