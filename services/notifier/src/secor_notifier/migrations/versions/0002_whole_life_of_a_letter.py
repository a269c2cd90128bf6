"""The whole life of a letter: leases, attempts, delivery; silences, opt-outs, answers kept for repeated requests."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('planned', 'failed', 'unknown')")
AT_RISK = sa.text("status = 'attempting'")
TO_MEND = sa.text("status IN ('dead', 'unknown') OR delivery = 'failed'")
PLANNED = sa.text("status = 'planned'")
INDEXES = (
    ("reminders_of_recipient", ["recipient", "seq"], None),
    ("reminders_by_message", ["message_id"], None),
    ("reminders_open", ["next_attempt_at", "seq"], OPEN),
    ("reminders_at_risk", ["lease_until"], AT_RISK),
    ("reminders_to_mend", ["status", "seq"], TO_MEND),
)


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("channel", sa.Text, nullable=False, server_default="mail"),
        sa.Column("category", sa.Text, nullable=False, server_default="notice"),
        sa.Column("because", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("moved", sa.Text),
        sa.Column("attempt_started_at", _instant()),
        sa.Column("delivery", sa.Text),
        sa.Column("delivery_at", _instant()),
        sa.Column("delivery_status", sa.Text),
        sa.Column("token", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("leased_by", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
    )


def upgrade() -> None:
    op.add_column("bookmark", sa.Column("read_before", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("bookmark", sa.Column("reconciled_on", sa.Date))
    op.add_column("bookmark", sa.Column("reconciled", sa.Text))
    op.add_column("watches", sa.Column("first_due_on", sa.Date))
    op.create_index("watches_first_due_on", "watches", ["first_due_on", "case_id"])
    for column in _columns():
        op.add_column("reminders", column)
    op.drop_index("reminders_to_send", "reminders")
    for name, columns, where in INDEXES:
        op.create_index(name, "reminders", columns, postgresql_where=where, sqlite_where=where)
    # What failed was not tried again: by the new names it is dead. What a hold kept back may still come.
    op.execute("UPDATE reminders SET status = 'dead' WHERE status = 'failed'")
    op.execute(
        "UPDATE reminders SET cause = 'held' WHERE reason = 'The case is on hold: reminders to the employer pause.'"
    )
    op.execute("UPDATE watches SET next_on = '0001-01-01' WHERE next_on IS NOT NULL")
    op.create_table(
        "silences",
        sa.Column("silence_id", sa.Text, primary_key=True),
        sa.Column("matcher", sa.Text, nullable=False),
        sa.Column("until", _instant(), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
    )
    op.create_index("silences_in_force", "silences", ["settled", "until"])
    op.create_table(
        "opt_outs",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("since", _instant(), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("answers", "opt_outs", "silences"):
        op.drop_table(table)
    op.execute("UPDATE reminders SET status = 'planned' WHERE status = 'failed'")
    op.execute("UPDATE reminders SET status = 'failed' WHERE status IN ('dead', 'unknown', 'attempting')")
    for name, _columns_of, _where in INDEXES:
        op.drop_index(name, "reminders")
    op.create_index(
        "reminders_to_send",
        "reminders",
        ["next_attempt_at", "seq"],
        postgresql_where=PLANNED,
        sqlite_where=PLANNED,
    )
    for column in reversed(_columns()):
        op.drop_column("reminders", column.name)
    op.drop_index("watches_first_due_on", "watches")
    op.drop_column("watches", "first_due_on")
    for name in ("reconciled", "reconciled_on", "read_before"):
        op.drop_column("bookmark", name)
