"""What the log cannot know of a document's bytes: scanned, erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "document_bytes",
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the bytes, in hex; DocumentAdded tells the rest"),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text, nullable=True, comment="clean or infected, as the scanner said"),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Text, nullable=True),
        sa.Column("erased_for", sa.Text, nullable=True, comment="the reason, which must not name a person"),
        sa.PrimaryKeyConstraint("case_id", "sha256"),
        comment="What the log cannot know of a document's bytes; a row only for those that were scanned or erased",
    )


def downgrade() -> None:
    """Forgets what was scanned and erased; erased bytes are gone all the same."""
    op.drop_table("document_bytes")
