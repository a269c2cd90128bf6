"""Migrations lead to exactly the tables that the code speaks of, whoever runs them and however often."""

import asyncio

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate
from secor_workflow.database.schema import Standing, standing
from secor_workflow.database.tables import metadata
from secor_workflow.log.append import Appended
from workflow.log.clerks import clerks
from workflow.log.services import a_log
from workflow.log.stories import Story


async def test_the_migrated_tables_are_those_of_the_code(url: str) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    engine = open_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


async def test_an_empty_database_is_not_current_and_a_migrated_one_is(database_url: str) -> None:
    engine = open_engine(database_url)

    before = await standing(engine)
    await migrate(engine)

    assert (before, await standing(engine)) == (Standing.EMPTY, Standing.CURRENT)
    await engine.dispose()


async def test_migrating_again_changes_nothing(url: str) -> None:
    async with a_log(url) as log:
        await log.append(Story().next())
        cursor = log.cursor(1)

        await migrate(log.engine)
        await log.open()

        assert log.cursor(1) == cursor
        assert await log.append(Story().next()) == Appended(2)


async def test_several_connections_may_migrate_at_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]

    await asyncio.gather(*map(migrate, engines))

    assert await standing(engines[0]) is Standing.CURRENT
    for engine in engines:
        await engine.dispose()


async def test_two_processes_may_migrate_at_once(database_url: str) -> None:
    async with clerks(database_url, 2), a_log(database_url) as log:  # each migrates before it is ready
        assert await standing(log.engine) is Standing.CURRENT
        assert await log.append(Story().next()) == Appended(1)
