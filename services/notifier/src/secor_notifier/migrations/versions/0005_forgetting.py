"""How far the log was looked through for people to forget."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    place = op.create_table(
        "forgetting_place",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("cursor", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(place, [{"id": 1, "cursor": None, "position": 0}])


def downgrade() -> None:
    """Forgets where it was; from the start again, it forgets and confirms once more."""
    op.drop_table("forgetting_place")
