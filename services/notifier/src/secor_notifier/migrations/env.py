"""How alembic gets at the ledger: over the connection that `migrate` has opened."""

from alembic import context

from secor_notifier.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
