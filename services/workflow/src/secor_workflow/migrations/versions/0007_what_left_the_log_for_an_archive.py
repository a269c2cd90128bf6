"""What was taken out of the log's beginning into archives, and which cases have events there."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "log_archives",
        sa.Column("first_position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="of the file, wherever it is kept"),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the file, in hex"),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=False, comment="by the real clock"),
        sa.PrimaryKeyConstraint("first_position"),
        comment="What was taken out of the log's beginning; the log goes on after the last of them",
    )
    op.create_table(
        "archived_cases",
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("first_position", sa.BigInteger, autoincrement=False, nullable=False, comment="of the archive"),
        sa.PrimaryKeyConstraint("case_id", "first_position"),
        comment="The cases, all closed, that have events in an archive",
    )


def downgrade() -> None:
    """Attach every archive first: the version before knows none, and would take the log's beginning for a gap."""
    found = op.get_bind().scalar(sa.text("SELECT count(*) FROM log_archives"))
    if found:
        raise RuntimeError(f"{found} archives are detached; attach them first: `secor-workflow partitions attach`")
    op.drop_table("archived_cases")
    op.drop_table("log_archives")
