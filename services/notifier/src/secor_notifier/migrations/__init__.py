"""The ledger's shape, step by step."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import migrate_alone, writing
from secor_notifier.ledger.schema import FITTING, MIGRATIONS, WRONG, Standing, WrongSchemaError, standing_of

if TYPE_CHECKING:
    from alembic.config import Config


async def migrate(engine: AsyncEngine) -> None:
    """Bring the database to the newest shape; several processes may try at once, one does it.

    Raises WrongSchemaError on a database of a version that this program does not know.
    """
    async with writing(engine).begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    migrate_alone(connection)
    found = standing_of(connection)
    if found is Standing.UNKNOWN:
        raise WrongSchemaError(WRONG[found])
    if found not in FITTING:
        from alembic import command  # noqa: PLC0415 (it is large; a service with nothing to migrate needs none of it)

        command.upgrade(configured(connection), "head")


def configured(connection: Connection) -> "Config":
    """How alembic finds the steps, and the connection over which to take them."""
    from alembic.config import Config  # noqa: PLC0415 (see above)

    script = Config()
    script.set_main_option("script_location", str(MIGRATIONS))
    script.attributes["connection"] = connection
    return script
