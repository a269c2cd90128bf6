"""Bringing the database up to date, through Alembic."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive

MIGRATIONS = Path(__file__).parent.parent / "migrations"
MIGRATION_LOCK = 0x5EC0_4107


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


GRANTS = {
    "events": "SELECT, INSERT",
    "epochs": "SELECT",
    "alembic_version": "SELECT",
    "cases": "SELECT, INSERT, UPDATE, DELETE",
    "api_keys": "SELECT, INSERT, UPDATE",
    "identities": "SELECT, INSERT, UPDATE, DELETE",
    "actor_persons": "SELECT, INSERT, UPDATE, DELETE",
    "approvals": "SELECT, INSERT, UPDATE",
    "refusals": "SELECT, INSERT, DELETE",
    "erasure_confirmations": "SELECT, INSERT",
    "people_reads": "SELECT, INSERT, DELETE",
    "document_bytes": "SELECT, INSERT, UPDATE",
    "sandbox_clock": "SELECT, INSERT, UPDATE",
}
"""All that the service's own role needs, but for the tables that it owns."""
OWNED = ("people", "texts")
"""PostgreSQL lets only its owner rewrite a table (VACUUM FULL), which erasing for good asks for."""


async def grant(engine: AsyncEngine, role: str) -> None:
    """Let a role do the service's work, and no more: on the log it may read and append. PostgreSQL only.

    To be run by the owner of the tables, who must be a member of the role or a superuser; safe to repeat.
    """
    quoted = engine.dialect.identifier_preparer.quote_identifier(role)
    async with exclusive(engine, MIGRATION_LOCK) as connection:
        schema = str(await connection.scalar(sa.text("SELECT quote_ident(current_schema())")))
        may_create = sa.text("SELECT has_schema_privilege(:role, current_schema(), 'CREATE')")
        lent = not await connection.scalar(may_create, {"role": role})  # a new owner must have it, for that moment
        statements = [
            f"GRANT USAGE{', CREATE' if lent else ''} ON SCHEMA {schema} TO {quoted}",
            *(f"REVOKE ALL ON {table} FROM {quoted}" for table in GRANTS),
            *(f"GRANT {rights} ON {table} TO {quoted}" for table, rights in GRANTS.items()),
            *(f"ALTER TABLE {table} OWNER TO {quoted}" for table in OWNED),
            *([f"REVOKE CREATE ON SCHEMA {schema} FROM {quoted}"] if lent else []),
        ]
        for statement in statements:
            await connection.exec_driver_sql(statement)


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
