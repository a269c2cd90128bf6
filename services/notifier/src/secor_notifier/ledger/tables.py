"""The ledger's tables; the migrations make them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    text,
)

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """A point in time, kept and given back in UTC; SQLite has no zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC) if value else None


bookmark = Table(
    "bookmark",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("cursor", Text),
    Column("position", BigInteger, nullable=False),
    Column("pulled_at", Instant),
    Column("rules", Text),
    Column("clock_ahead_us", BigInteger, nullable=False),
)

watches = Table(
    "watches",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("next_on", Date),
    Column("watch", Text, nullable=False),
    Index("watches_next_on", "next_on", "case_id"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("reminder_id", Text, nullable=False, unique=True),
    Column("case_id", Text, nullable=False),
    Column("deadline", Text),
    Column("due_on", Date),
    Column("rung", Integer),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("fact", Text),
    Column("letter", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("recipient_role", Text, nullable=False),
    Column("owed_on", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("message_id", Text),
    Column("last_error", Text),
    Index("reminders_of_case", "case_id", "seq"),
    Index(
        "reminders_to_send",
        "next_attempt_at",
        "seq",
        postgresql_where=text("status = 'planned'"),
        sqlite_where=text("status = 'planned'"),
    ),
)
