"""Bringing the database up to date, through Alembic."""

import logging
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive

MIGRATIONS = Path(__file__).parent.parent / "migrations"
MIGRATION_LOCK = 0x5EC0_4107
logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


async def migrate(engine: AsyncEngine) -> None:
    """Run every migration that has not run; several processes may call it at once."""

    def upgrade(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with exclusive(engine, MIGRATION_LOCK) as connection:
        await connection.run_sync(upgrade)


async def is_current(engine: AsyncEngine) -> bool:
    """Whether every migration has run."""

    def heads(connection: Connection) -> tuple[str, ...]:
        return MigrationContext.configure(connection).get_current_heads()

    async with engine.connect() as connection:
        found = await connection.run_sync(heads)
    return set(found) == _newest()


@cache
def _newest() -> set[str]:
    """The revisions that this program brings; they cannot change while it runs."""
    return set(ScriptDirectory.from_config(_config()).get_heads())
