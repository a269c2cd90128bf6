"""Bringing the database up to date, through Alembic."""

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive
from secor_workflow.database.schema import FITTING, MIGRATIONS, WRONG, Standing, WrongSchemaError, standing_of

MIGRATION_LOCK = 0x5EC0_4107


async def migrate(engine: AsyncEngine) -> None:
    """Run every migration that has not run; several processes may call it at once.

    Raises WrongSchemaError on a database of a version that this program does not know.
    """
    async with exclusive(engine, MIGRATION_LOCK) as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    found = standing_of(connection)
    if found is Standing.UNKNOWN:
        raise WrongSchemaError(WRONG[found])
    if found in FITTING:
        return
    from alembic import command  # noqa: PLC0415 (it is large, and a service that has nothing to migrate needs none of it)
    from alembic.config import Config  # noqa: PLC0415 (see above)

    script = Config()
    script.set_main_option("script_location", str(MIGRATIONS))
    script.attributes["connection"] = connection
    command.upgrade(script, "head")


GRANTS = {
    "events": "SELECT, INSERT",
    "epochs": "SELECT",
    "log_archives": "SELECT",
    "archived_cases": "SELECT",
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
