"""The log, its read model, and what stands beside it."""

import secrets

import sqlalchemy as sa

from alembic import op
from secor_workflow.database.tables import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    for statement in APPEND_ONLY[connection.dialect.name]:
        op.execute(sa.text(statement))
    op.execute(metadata.tables["epochs"].insert().values(number=1, epoch=secrets.token_hex(4), began_after=0))
