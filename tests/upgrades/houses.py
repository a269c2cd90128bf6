"""Both services' databases as migrations see them: where the steps lie, and how to take one."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier import migrations as notifier
from secor_notifier.ledger import schema as notifier_schema
from secor_notifier.ledger.engine import open_engine as open_notifier
from secor_notifier.ledger.engine import read_url, writing
from secor_workflow.database import schema as workflow_schema
from secor_workflow.database.engine import exclusive
from secor_workflow.database.engine import open_engine as open_workflow
from secor_workflow.database.migrate import MIGRATION_LOCK, migrate

T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """One service's way with its database."""

    name: str
    open: Callable[[str], AsyncEngine]
    migrations: Path
    migrate: Callable[[AsyncEngine], Coroutine[Any, Any, None]]
    standing: Callable[[AsyncEngine], Coroutine[Any, Any, str]]

    @property
    def revisions(self) -> list[str]:
        """From the first to the newest."""
        return [script.revision for script in ScriptDirectory(str(self.migrations)).walk_revisions()][::-1]

    async def within(self, engine: AsyncEngine, work: Callable[[sa.Connection], T]) -> T:
        """Do it in one transaction, as the service's own migration would."""
        if self.name == "workflow":
            async with exclusive(engine, MIGRATION_LOCK) as connection:
                return await connection.run_sync(work)
        async with writing(engine).begin() as connection:
            return await connection.run_sync(work)

    async def go_to(self, engine: AsyncEngine, revision: str) -> None:
        """Forward or back to a revision."""

        def go(connection: sa.Connection) -> None:
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(self.migrations))
            at = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if _begun(connection) else ""
            (command.upgrade if revision > (at or "") else command.downgrade)(config, revision)

        await self.within(engine, go)

    async def call(self, engine: AsyncEngine, revision: str) -> None:
        """Give the database that name, as a newer program's migration would."""
        said = sa.text("UPDATE alembic_version SET version_num = :revision")
        await self.within(engine, lambda connection: connection.execute(said, {"revision": revision}))


def _begun(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table("alembic_version")


WORKFLOW = House("workflow", open_workflow, workflow_schema.MIGRATIONS, migrate, workflow_schema.standing)
NOTIFIER = House(
    "notifier",
    lambda url: open_notifier(read_url(url)),
    notifier_schema.MIGRATIONS,
    notifier.migrate,
    notifier_schema.standing,
)
