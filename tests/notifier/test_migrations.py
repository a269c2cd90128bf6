"""Migrations lead forward and back, and end at the shape that the code expects."""

from datetime import date
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

import secor_notifier.calendars.tables
import secor_notifier.forgetting
import secor_notifier.installation
import secor_notifier.migrations
import secor_notifier.webhooks.tables
from notifier.given import RULES
from secor_notifier.domain.reminders import owed
from secor_notifier.domain.watch import Watched
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import writing
from secor_notifier.ledger.tables import metadata

Shape = dict[str, tuple[set[str], set[str]]]


def expected() -> Shape:
    return {
        name: ({*table.columns.keys()}, {str(index.name) for index in table.indexes})
        for name, table in metadata.tables.items()
    }


def found(connection: Connection) -> Shape:
    asked = inspect(connection)
    unique = {name: {one["name"] for one in asked.get_unique_constraints(name)} for name in asked.get_table_names()}
    return {
        name: (
            {column["name"] for column in asked.get_columns(name)},
            {str(index["name"]) for index in asked.get_indexes(name) if index["name"] not in unique[name]},
        )
        for name in asked.get_table_names()
        if name != "alembic_version"
    }


async def go(engine: AsyncEngine, revision: str) -> Shape:
    def move(connection: Connection) -> Shape:
        config = Config()
        config.set_main_option("script_location", str(Path(secor_notifier.migrations.__file__).parent))
        config.attributes["connection"] = connection
        if revision == "head":
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)
        return found(connection)

    async with writing(engine).begin() as connection:
        return await connection.run_sync(move)


async def test_the_newest_shape_is_the_codes(engine: AsyncEngine) -> None:
    assert await go(engine, "head") == expected()


async def test_each_step_leads_back_and_forward_again(engine: AsyncEngine) -> None:
    for revision in ("0003", "0002", "0001"):
        older = await go(engine, revision)
        assert older.keys() < expected().keys()
        assert await go(engine, "head") == expected()
    assert await go(engine, "base") == {}
    assert await go(engine, "head") == expected()


async def test_a_filled_first_ledger_keeps_since_when_a_moved_deadline_stands(engine: AsyncEngine) -> None:
    """Else, after an upgrade, rungs from before the move would be taken for missed ones and sent."""
    await go(engine, "0001")
    async with writing(engine).begin() as connection:
        await connection.execute(text("INSERT INTO watches (case_id, watch) VALUES (:case, :watch)"), FIRST_WATCH)
    await go(engine, "head")

    [kept] = (await Ledger(engine).watches(["a-case"])).values()
    assert kept.deadlines == (Watched("audit_submission", date(2027, 2, 5), "employer", since=date(2027, 1, 20)),)
    assert await Ledger(engine).watches_due_by(date(2027, 2, 5)) == [kept]
    assert {one.rung for one in owed(kept, RULES, date(2027, 1, 21))} == set()
    assert {one.rung for one in owed(kept, RULES, date(2027, 1, 22))} == {-14}


FIRST_WATCH = {
    "case": "a-case",
    "watch": (
        '{"case_id":"a-case","position":4,"state":"NoticeFiled","deadlines":[{"name":"audit_submission",'
        '"due_on":"2027-02-05","owner":"employer","missed":false,"moved_on":"2027-01-20"}],"contact_id":"c",'
        '"champion_id":null,"held":false}'
    ),
}
