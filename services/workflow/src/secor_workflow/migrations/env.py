"""Alembic's door: runs on the connection that `database.migrate` hands over."""

from alembic import context

from secor_workflow.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
