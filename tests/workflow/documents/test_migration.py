"""The table of bytes comes and goes by its migration, and takes nothing else along."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from secor_workflow.database.engine import exclusive, open_engine
from secor_workflow.database.schema import MIGRATIONS


async def test_the_second_migration_goes_forward_and_back(database_url: str) -> None:
    engine = open_engine(database_url)

    async def tables_after(step: Callable[[Config, str], None], revision: str) -> set[str]:
        def run(connection: sa.Connection) -> set[str]:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            step(config, revision)
            return set(sa.inspect(connection).get_table_names())

        async with exclusive(engine) as connection:
            return await connection.run_sync(run)

    before = await tables_after(command.upgrade, "0001")
    assert await tables_after(command.upgrade, "0002") == before | {"document_bytes"}
    assert await tables_after(command.downgrade, "0001") == before
    assert await tables_after(command.upgrade, "0002") == before | {"document_bytes"}
    await engine.dispose()
