"""The database itself refuses every change to the log, whoever asks."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from secor_workflow.database.engine import exclusive
from secor_workflow.log.log import Log
from workflow.log.stories import Story

COLUMNS = "position, case_id, version, event_id, type, actor, body"
REPLACEMENT = {
    "sqlite": f"INSERT OR REPLACE INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events",  # noqa: S608 (our own words)
    "postgresql": f"INSERT INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events"  # noqa: S608 (our own words)
    " ON CONFLICT (position) DO UPDATE SET body = '{}'",
}
CHANGES = ["UPDATE events SET body = '{}'", "UPDATE events SET actor = actor", "DELETE FROM events"]


async def refused(log: Log, statement: str) -> None:
    await log.append(Story().next())
    before = await log.page(0, 10)

    with pytest.raises(DBAPIError, match="append-only"):
        async with exclusive(log.engine) as connection:
            await connection.execute(sa.text(statement))

    assert await log.page(0, 10) == before


@pytest.mark.parametrize("statement", CHANGES)
async def test_a_change_to_the_log_raises(log: Log, statement: str) -> None:
    await refused(log, statement)


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_truncating_the_log_raises(log: Log) -> None:
    await refused(log, "TRUNCATE events")


async def test_replacing_an_event_raises(log: Log, engine_kind: str) -> None:
    await refused(log, REPLACEMENT[engine_kind])
