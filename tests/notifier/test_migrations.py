"""Migrations lead forward and back, and end at the shape that the code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

import secor_notifier.calendars.tables
import secor_notifier.installation
import secor_notifier.migrations
import secor_notifier.webhooks.tables
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
    for revision in ("0002", "0001"):
        older = await go(engine, revision)
        assert older.keys() < expected().keys()
        assert await go(engine, "head") == expected()
    assert await go(engine, "base") == {}
    assert await go(engine, "head") == expected()
