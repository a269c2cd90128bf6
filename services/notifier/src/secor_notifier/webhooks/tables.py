"""The tables of webhooks: who wants to be told, and what each was or is to be told."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from secor_notifier.ledger.tables import Instant, metadata

endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text),
    Column("events", Text, nullable=False),
    Column("deadlines", Text),
    Column("made_at", Instant, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("previous_nonce", Text),
    Column("previous_until", Instant),
    Column("cursor", Text),
    Column("position", BigInteger, nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_because", Text),
    Column("staff_told_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("not_before", Instant),
    Column("lease", Text),
    Column("leased_until", Instant),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("delivery_id", Text, nullable=False, unique=True),
    Column("endpoint_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("position", BigInteger),
    Column("case_id", Text),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("last_attempt_at", Instant),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("delivered_at", Instant),
    Index("webhook_deliveries_of_endpoint", "endpoint_id", "seq"),
    Index("webhook_deliveries_by_age", "made_at"),
    Index(
        "webhook_deliveries_due",
        "endpoint_id",
        "next_attempt_at",
        "seq",
        postgresql_where=text("status = 'pending'"),
        sqlite_where=text("status = 'pending'"),
    ),
)
