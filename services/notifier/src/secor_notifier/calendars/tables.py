"""The tables of calendars: each deadline's history as far as a calendar needs it, and who may read which."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, Table, Text

from secor_notifier.ledger.tables import Instant, metadata

place = Table(
    "calendar_place",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("cursor", Text),
    Column("position", BigInteger, nullable=False),
)

entries = Table(
    "calendar_entries",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("deadline", Text, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("owner", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("calendar_entries_by_day", "due_on", "case_id"),
)

names = Table(
    "calendar_names",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("legal_name", Text, nullable=False),
)

calendars = Table(
    "calendars",
    metadata,
    Column("calendar_id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("calendars_of_owner", "owner", "calendar_id"),
)
