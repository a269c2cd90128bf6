"""The ledger's tables; the migrations make them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
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
OPEN = "status IN ('planned', 'failed', 'unknown')"
AT_RISK = "status = 'attempting'"
TO_MEND = "status IN ('dead', 'unknown') OR delivery = 'failed'"


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
    Column("read_before", BigInteger, nullable=False),
    Column("reconciled_on", Date),
    Column("reconciled", Text),
    Column("awake_at", Instant),
)

watches = Table(
    "watches",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("next_on", Date),
    Column("first_due_on", Date),
    Column("watch", Text, nullable=False),
    Index("watches_next_on", "next_on", "case_id"),
    Index("watches_first_due_on", "first_due_on", "case_id"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("reminder_id", Text, nullable=False, unique=True),
    Column("case_id", Text, nullable=False),
    Column("deadline", Text),
    Column("due_on", Date),
    Column("revision", BigInteger, nullable=False),
    Column("rung", Integer),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("fact", Text),
    Column("letter", Text, nullable=False),
    Column("template_version", Text),
    Column("recipient", Text, nullable=False),
    Column("recipient_role", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("because", Text),
    Column("owed_on", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("cause", Text),
    Column("reason", Text),
    Column("moved", Text),
    Column("attempts", Integer, nullable=False),
    Column("attempt_started_at", Instant),
    Column("next_attempt_at", Instant),
    Column("sent_at", Instant),
    Column("message_id", Text),
    Column("written_as", Text),
    Column("written_version", Text),
    Column("last_error", Text),
    Column("delivery", Text),
    Column("delivery_at", Instant),
    Column("delivery_status", Text),
    Column("token", BigInteger, nullable=False),
    Column("leased_by", Text),
    Column("lease_until", BigInteger),
    Index("reminders_of_case", "case_id", "seq"),
    Index("reminders_of_recipient", "recipient", "seq"),
    Index("reminders_by_message", "message_id"),
    Index("reminders_open", "next_attempt_at", "seq", postgresql_where=text(OPEN), sqlite_where=text(OPEN)),
    Index(
        "reminders_open_of_recipient",
        "recipient",
        "next_attempt_at",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index("reminders_at_risk", "lease_until", postgresql_where=text(AT_RISK), sqlite_where=text(AT_RISK)),
    Index("reminders_to_mend", "status", "seq", postgresql_where=text(TO_MEND), sqlite_where=text(TO_MEND)),
)

absences = Table(
    "absences",
    metadata,
    Column("began_at", Instant, primary_key=True),
    Column("ended_at", Instant, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("silence_id", Text, primary_key=True),
    Column("matcher", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled", Boolean, nullable=False),
    Index("silences_in_force", "settled", "until"),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("author", Text, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("question", Text, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    Column("asked_at", BigInteger, nullable=False),
)
