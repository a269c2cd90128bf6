"""Every table of the workflow's database."""

from datetime import UTC, datetime

import sqlalchemy as sa


class Instant(sa.TypeDecorator[datetime]):
    """An instant in UTC; SQLite, which has no zones, gives it back without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))


metadata = sa.MetaData()

events = sa.Table(
    "events",
    metadata,
    sa.Column(
        "position", sa.BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3 … in commit order, no gap"
    ),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="1, 2, 3 … within the case"),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("request_digest", sa.Text, comment="of command and body, to tell a retry from another wish"),
    sa.Column("body", sa.Text, nullable=False, comment="the CloudEvent, verbatim as the feed gives it"),
    sa.UniqueConstraint("case_id", "version"),
    sa.Index("events_by_type", "type", "position"),
    sa.Index(
        "events_by_idempotency_key",
        "idempotency_key",
        "actor",
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    ),
    comment="The log: append-only, the only truth",
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("worksafebc_account", sa.Text, nullable=False),
    sa.Column("legal_name", sa.Text, nullable=False),
    sa.Column("search", sa.Text, nullable=False, comment="case-folded names and account"),
    sa.Column("earliest_due_on", sa.Date, comment="of all its deadlines"),
    sa.Column("overdue", sa.Boolean, nullable=False, comment="at least one deadline was missed and is still open"),
    sa.Column("next_due", sa.Date, comment="the date whose end makes the clock act"),
    sa.Index("cases_by_next_due", "next_due"),
    sa.Index("cases_by_earliest_due", "earliest_due_on"),
    sa.Index("cases_by_state", "state", "case_id"),
    sa.Index("cases_by_account", "worksafebc_account", "case_id"),
    sa.Index("cases_overdue", "case_id", sqlite_where=sa.text("overdue"), postgresql_where=sa.text("overdue")),
    sa.Index(
        "one_open_case_per_account",
        "worksafebc_account",
        unique=True,
        sqlite_where=sa.text("state <> 'Closed'"),
        postgresql_where=sa.text("state <> 'Closed'"),
    ),
    comment="One row per case, to list by; written with the log and rebuilt from it at any time",
)

epochs = sa.Table(
    "epochs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.Text, nullable=False, unique=True, comment="first part of every cursor"),
    sa.Column("began_after", sa.BigInteger, nullable=False, comment="the last position common with the epoch before"),
    comment="A new epoch begins when the log was restored from a backup",
)

log_archives = sa.Table(
    "log_archives",
    metadata,
    sa.Column("first_position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_position", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="of the file, wherever it is kept"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the file, in hex"),
    sa.Column("detached_at", Instant, nullable=False, comment="by the real clock"),
    comment="What was taken out of the log's beginning; the log goes on after the last of them",
)

archived_cases = sa.Table(
    "archived_cases",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("first_position", sa.BigInteger, primary_key=True, autoincrement=False, comment="of the archive"),
    comment="The cases, all closed, that have events in an archive",
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False, index=True),
    sa.Column("name", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("erased_at", Instant),
    sa.Column("erased_by", sa.Text),
    sa.Column("erased_for", sa.Text, comment="the reason, which must not name the person"),
    sa.Column("forgotten_at", Instant, comment="when what was erased was gone from the data files too"),
    comment="Names and addresses, erasable; the log holds the ids",
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("text_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False, index=True),
    sa.Column("text", sa.Text),
    sa.Column("erased_at", Instant),
    sa.Column("erased_by", sa.Text),
    sa.Column("erased_for", sa.Text, comment="the reason"),
    sa.Column("forgotten_at", Instant, comment="when what was erased was gone from the data files too"),
    comment="Reasons, notes and answers, erasable; the log holds the ids",
)

erasure_confirmations = sa.Table(
    "erasure_confirmations",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("consumer", sa.Text, primary_key=True, comment="who keeps something about people: notifier, ..."),
    sa.Column("confirmed_at", Instant, nullable=False),
    sa.Column("confirmed_by", sa.Text, nullable=False),
    comment="Which consumers of the feed have said that they forgot an erased person",
)

people_reads = sa.Table(
    "people_reads",
    metadata,
    sa.Column("read_id", sa.Uuid, primary_key=True, comment="UUIDv7: in the order of time"),
    sa.Column("read_at", Instant, nullable=False, index=True, comment="by the real clock"),
    sa.Column("actor_id", sa.Text, nullable=False, index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False, comment="the operation's id"),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("person_id", sa.Uuid, index=True, comment="whom it was about; null: a text of the case"),
    sa.Column("text_id", sa.Uuid),
    comment="Who was shown which person or text: append-only, forgotten after a while",
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True, comment="SHA-256 of the key, in hex"),
    sa.Column("prefix", sa.Text, nullable=False, comment="the key's first characters, to recognise it by"),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("worksafebc_account", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("expires_at", Instant, comment="by the real clock"),
    sa.Column("last_used_at", Instant, comment="by the real clock, to the minute"),
    sa.Column("replaces", sa.Uuid, comment="the key that was rotated into this one"),
    sa.UniqueConstraint("created_by", "idempotency_key"),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("identity_id", sa.Uuid, primary_key=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="as the issuer's tokens name it"),
    sa.Column("actor_id", sa.Text, nullable=False, index=True),
    sa.Column("linked_at", Instant, comment="when an admin said who it is; null: derived from issuer and subject"),
    sa.Column("linked_by", sa.Text),
    sa.Column("role", sa.Text, comment="of the last token that was seen"),
    sa.Column("last_seen_at", Instant, comment="by the real clock, to the minute"),
    sa.Column("email_digest", sa.Text, comment="SHA-256 of the verified address in the last token that told one"),
    sa.UniqueConstraint("issuer", "subject"),
    comment="Who stands behind a token: one actor for a person, whichever credential they come with",
)

actor_persons = sa.Table(
    "actor_persons",
    metadata,
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column(
        "email_digest", sa.Text, nullable=False, comment="SHA-256 of the person's address; it is not kept itself"
    ),
    sa.Column("said_at", Instant, nullable=False),
    sa.Column("said_by", sa.Text, nullable=False),
    comment="Who an admin says stands behind an actor: several actors with one address are one person",
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("approval_id", sa.Uuid, primary_key=True, comment="UUIDv7: in the order of time"),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False, comment="of the request; ids alone"),
    sa.Column("about", sa.Text, nullable=False, comment="what the approver must know, as JSON; nothing personal"),
    sa.Column("digest", sa.Text, nullable=False, index=True, comment="SHA-256 of operation, path and body"),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("approved_at", Instant),
    sa.Column("approved_by", sa.Text),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("used_at", Instant, comment="when it was carried out, once"),
    comment="What one admin asked for and another one must approve",
)

refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("refusal_id", sa.Uuid, primary_key=True, comment="UUIDv7: in the order of time"),
    sa.Column("recorded_at", Instant, nullable=False, index=True, comment="by the real clock"),
    sa.Column("actor_id", sa.Text, comment="null: nobody was let in"),
    sa.Column("role", sa.Text),
    sa.Column("address", sa.Text, comment="where the request came from"),
    sa.Column("operation", sa.Text, comment="the operation's id; null: there is none at the path"),
    sa.Column("case_id", sa.Uuid, index=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, comment="what was wrong with the credential; every guard that refused"),
    sa.Column("times", sa.Integer, nullable=False, comment="how often within a few seconds"),
    comment="Who was refused what: append-only, forgotten after a while; no bodies, no secrets",
)

document_bytes = sa.Table(
    "document_bytes",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True, comment="of the bytes, in hex; DocumentAdded tells the rest"),
    sa.Column("scanned_at", Instant),
    sa.Column("verdict", sa.Text, comment="clean or infected, as the scanner said"),
    sa.Column("erased_at", Instant),
    sa.Column("erased_by", sa.Text),
    sa.Column("erased_for", sa.Text, comment="the reason, which must not name a person"),
    comment="What the log cannot know of a document's bytes; a row only for those that were scanned or erased",
)

sandbox_clock = sa.Table(
    "sandbox_clock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("offset_microseconds", sa.BigInteger, nullable=False, comment="ahead of the real clock"),
)

APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
        f"BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    + [  # INSERT OR REPLACE deletes without asking the trigger above
        """CREATE TRIGGER events_no_replace BEFORE INSERT ON events WHEN EXISTS (
        SELECT 1 FROM events WHERE position = NEW.position OR event_id = NEW.event_id
        OR (case_id = NEW.case_id AND version = NEW.version)
        OR (idempotency_key = NEW.idempotency_key AND actor = NEW.actor))
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$""",
        """CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    ],
}
"""What makes the database itself refuse any change to the log; part of the first migration."""

REFUSALS_STAY = {
    "sqlite": [
        """CREATE TRIGGER refusals_no_update BEFORE UPDATE ON refusals
        BEGIN SELECT RAISE(ABORT, 'refusals are append-only'); END""",
        """CREATE TRIGGER refusals_no_delete BEFORE DELETE ON refusals
        WHEN OLD.recorded_at > datetime('now', '-30 days')
        BEGIN SELECT RAISE(ABORT, 'refusals stay for 30 days at least'); END""",
        """CREATE TRIGGER refusals_no_replace BEFORE INSERT ON refusals
        WHEN EXISTS (SELECT 1 FROM refusals WHERE refusal_id = NEW.refusal_id)
        BEGIN SELECT RAISE(ABORT, 'refusals are append-only'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION keep_refusals() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'DELETE' AND OLD.recorded_at <= now() - interval '30 days' THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'refusals are append-only and stay for 30 days at least';
        END $$""",
        """CREATE TRIGGER refusals_stay BEFORE UPDATE OR DELETE ON refusals
        FOR EACH ROW EXECUTE FUNCTION keep_refusals()""",
        """CREATE TRIGGER refusals_are_not_emptied BEFORE TRUNCATE ON refusals
        FOR EACH STATEMENT EXECUTE FUNCTION keep_refusals()""",
    ],
}
"""What makes the database itself keep refusals as they are, and for a while; part of the third migration."""

READS_STAY = {
    "sqlite": [
        """CREATE TRIGGER people_reads_no_update BEFORE UPDATE ON people_reads
        BEGIN SELECT RAISE(ABORT, 'reads of people are append-only'); END""",
        """CREATE TRIGGER people_reads_no_delete BEFORE DELETE ON people_reads
        WHEN OLD.read_at > datetime('now', '-365 days')
        BEGIN SELECT RAISE(ABORT, 'reads of people stay for a year at least'); END""",
        """CREATE TRIGGER people_reads_no_replace BEFORE INSERT ON people_reads
        WHEN EXISTS (SELECT 1 FROM people_reads WHERE read_id = NEW.read_id)
        BEGIN SELECT RAISE(ABORT, 'reads of people are append-only'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION keep_people_reads() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'DELETE' AND OLD.read_at <= now() - interval '365 days' THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'reads of people are append-only and stay for a year at least';
        END $$""",
        """CREATE TRIGGER people_reads_stay BEFORE UPDATE OR DELETE ON people_reads
        FOR EACH ROW EXECUTE FUNCTION keep_people_reads()""",
        """CREATE TRIGGER people_reads_are_not_emptied BEFORE TRUNCATE ON people_reads
        FOR EACH STATEMENT EXECUTE FUNCTION keep_people_reads()""",
    ],
}
"""What makes the database itself keep reads of people as they are, and for a year; part of the fourth migration."""

UNIQUE_ACROSS_PARTITIONS = (
    """CREATE FUNCTION refuse_twice() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS
    $$ BEGIN
        IF EXISTS (SELECT 1 FROM added a JOIN events e ON e.event_id = a.event_id AND e.position <> a.position)
        OR EXISTS (SELECT 1 FROM added a JOIN events e
            ON e.case_id = a.case_id AND e.version = a.version AND e.position <> a.position)
        OR EXISTS (SELECT 1 FROM added a JOIN events e
            ON e.idempotency_key = a.idempotency_key AND e.actor = a.actor AND e.position <> a.position)
        THEN RAISE unique_violation USING MESSAGE = 'the event, its version or its key is in the log already';
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER events_unique AFTER INSERT ON events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_twice()""",
)
"""What a partitioned log has instead of unique indexes, which reach no further than a partition (PostgreSQL)."""

FORGETFUL = {
    "sqlite": [],
    "postgresql": [
        f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"
        for table, column in (("people", "name"), ("people", "email"), ("people", "phone"), ("texts", "text"))
    ],
}
"""What keeps the database from copying personal values into its statistics; part of the first migration."""
