"""A large log is looked at by several processes, each some cases at a time: reading texts is what takes long.

They see the moment that whoever asks sees, by its snapshot; others write on meanwhile.
"""

import asyncio
import json
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.tables import cases
from secor_workflow.domain.policy import Policies
from secor_workflow.log.histories import EVERY_CASE, Between

CASES_OF_A_PART = 4_000
MOST_PROCESSES = 4
LONGEST_LINE = 2**30
PROGRAM = (sys.executable, "-P", "-m", "secor_workflow.log.part_reader")
Found = tuple[int, list[str]]
"""How many cases were looked at, and what is wrong."""


async def parts(connection: AsyncConnection, of: int = CASES_OF_A_PART) -> list[Between]:
    """All ids there may be, in parts of so many cases by the read model."""
    number = sa.func.row_number().over(order_by=cases.c.case_id).label("number")
    numbered = sa.select(cases.c.case_id, number).subquery()
    query = sa.select(numbered.c.case_id).where(numbered.c.number % of == 0).order_by(numbered.c.case_id)
    ends = list(await connection.scalars(query))
    first, last = EVERY_CASE
    return list(zip([first, *ends], [*ends, last], strict=True))


async def by_several(
    url: sa.URL, snapshot: str, all_parts: Sequence[Between], policies: Policies
) -> AsyncGenerator[Found, None]:
    """What is found in each part, in their order; they are dealt out in turn."""
    number = min(MOST_PROCESSES, os.cpu_count() or 1, len(all_parts))
    address = url.render_as_string(hide_password=False)
    started = [
        await asyncio.create_subprocess_exec(*PROGRAM, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
        for _ in range(number)
    ]
    try:
        for i, process in enumerate(started):
            await _tell(process, pickle.dumps((address, snapshot, policies, all_parts[i::number])))
        for i in range(len(all_parts)):
            yield await _next_of(started[i % number])
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


async def _tell(process: Process, task: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 (as it was started)
    process.stdin.write(task)
    await process.stdin.drain()
    process.stdin.close()


async def _next_of(process: Process) -> Found:
    assert process.stdout is not None  # noqa: S101 (as it was started)
    line = await process.stdout.readline()
    if not line.endswith(b"\n"):  # the end of what it said, or of itself in the middle of a line
        raise OSError("a process that was looking at the log has ended; begin again")
    number, faults = json.loads(line)
    return number, faults
