"""The ledger's shape, step by step."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import migrate_alone, writing


async def migrate(engine: AsyncEngine) -> None:
    """Bring the database to the newest shape; several processes may try at once, one does it."""
    async with writing(engine).begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    migrate_alone(connection)
    command.upgrade(configured(connection), "head")


def configured(connection: Connection) -> Config:
    """How alembic finds the steps, and the connection over which to take them."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
