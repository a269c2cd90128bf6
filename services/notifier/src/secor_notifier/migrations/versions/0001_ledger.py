"""The first ledger: bookmark, watches, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    bookmark = op.create_table(
        "bookmark",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("cursor", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True)),
        sa.Column("rules", sa.Text),
        sa.Column("clock_ahead_us", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(bookmark, [{"id": 1, "position": 0, "clock_ahead_us": 0}])
    op.create_table(
        "watches",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("next_on", sa.Date),
        sa.Column("watch", sa.Text, nullable=False),
    )
    op.create_index("watches_next_on", "watches", ["next_on", "case_id"])
    op.create_table(
        "reminders",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("reminder_id", sa.Text, nullable=False, unique=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("deadline", sa.Text),
        sa.Column("due_on", sa.Date),
        sa.Column("rung", sa.Integer),
        sa.Column("event_id", sa.Text),
        sa.Column("event_type", sa.Text),
        sa.Column("fact", sa.Text),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("recipient_role", sa.Text, nullable=False),
        sa.Column("owed_on", sa.Date, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("message_id", sa.Text),
        sa.Column("last_error", sa.Text),
    )
    op.create_index("reminders_of_case", "reminders", ["case_id", "seq"])
    planned = sa.text("status = 'planned'")
    op.create_index(
        "reminders_to_send",
        "reminders",
        ["next_attempt_at", "seq"],
        postgresql_where=planned,
        sqlite_where=planned,
    )


def downgrade() -> None:
    for table in ("reminders", "watches", "bookmark"):
        op.drop_table(table)
