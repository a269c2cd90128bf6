"""Channels: webhook endpoints and deliveries, calendars, and this installation's own secret."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PENDING = sa.text("status = 'pending'")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("secret", sa.Text),
        sa.Column("fingerprint", sa.Text, nullable=False),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("deadlines", sa.Text),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("previous_nonce", sa.Text),
        sa.Column("previous_until", _instant()),
        sa.Column("cursor", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", _instant()),
        sa.Column("disabled_because", sa.Text),
        sa.Column("staff_told_at", _instant()),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", _instant()),
        sa.Column("not_before", _instant()),
        sa.Column("lease", sa.Text),
        sa.Column("leased_until", _instant()),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("delivery_id", sa.Text, nullable=False, unique=True),
        sa.Column("endpoint_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("case_id", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _instant()),
        sa.Column("last_attempt_at", _instant()),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error", sa.Text),
        sa.Column("delivered_at", _instant()),
    )
    op.create_index("webhook_deliveries_of_endpoint", "webhook_deliveries", ["endpoint_id", "seq"])
    op.create_index("webhook_deliveries_by_age", "webhook_deliveries", ["made_at"])
    op.create_index(
        "webhook_deliveries_due",
        "webhook_deliveries",
        ["endpoint_id", "next_attempt_at", "seq"],
        postgresql_where=PENDING,
        sqlite_where=PENDING,
    )
    _calendars()


def _calendars() -> None:
    place = op.create_table(
        "calendar_place",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("cursor", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(place, [{"id": 1, "position": 0}])
    op.create_table(
        "calendar_entries",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("deadline", sa.Text, primary_key=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("changed_at", _instant(), nullable=False),
        sa.Column("ended_at", _instant()),
    )
    op.create_index("calendar_entries_by_day", "calendar_entries", ["due_on", "case_id"])
    op.create_table(
        "calendar_names",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("legal_name", sa.Text, nullable=False),
    )
    op.create_table(
        "calendars",
        sa.Column("calendar_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
    )
    op.create_index("calendars_of_owner", "calendars", ["owner", "calendar_id"])


def downgrade() -> None:
    for table in ("calendars", "calendar_names", "calendar_entries", "calendar_place"):
        op.drop_table(table)
    for table in ("webhook_deliveries", "webhook_endpoints", "installation"):
        op.drop_table(table)
