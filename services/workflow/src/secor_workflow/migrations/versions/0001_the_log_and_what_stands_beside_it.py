"""The log, its read model, and what stands beside it."""

import secrets

import sqlalchemy as sa
from alembic import op

from secor_workflow.database.tables import APPEND_ONLY, FORGETFUL

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the key, in hex"),
        sa.Column("prefix", sa.Text, nullable=False, comment="the key's first characters, to recognise it by"),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("worksafebc_account", sa.Text, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("created_by", "idempotency_key"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("worksafebc_account", sa.Text, nullable=False),
        sa.Column("legal_name", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False, comment="case-folded names and account"),
        sa.Column("earliest_due_on", sa.Date, nullable=True, comment="of all its deadlines"),
        sa.Column("overdue", sa.Boolean, nullable=False, comment="at least one deadline was missed and is still open"),
        sa.Column("next_due", sa.Date, nullable=True, comment="the date whose end makes the clock act"),
        sa.PrimaryKeyConstraint("case_id"),
        comment="One row per case, to list by; written with the log and rebuilt from it at any time",
    )
    op.create_index("cases_by_earliest_due", "cases", ["earliest_due_on"], unique=False)
    op.create_index("cases_by_next_due", "cases", ["next_due"], unique=False)
    op.create_index("cases_by_state", "cases", ["state", "case_id"], unique=False)
    op.create_index(
        "one_open_case_per_account",
        "cases",
        ["worksafebc_account"],
        unique=True,
        sqlite_where=sa.text("state <> 'Closed'"),
        postgresql_where=sa.text("state <> 'Closed'"),
    )
    op.create_table(
        "epochs",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False, comment="first part of every cursor"),
        sa.Column(
            "began_after", sa.BigInteger, nullable=False, comment="the last position common with the epoch before"
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("epoch"),
        comment="A new epoch begins when the log was restored from a backup",
    )
    op.create_table(
        "events",
        sa.Column(
            "position", sa.BigInteger, autoincrement=False, nullable=False, comment="1, 2, 3 … in commit order, no gap"
        ),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="1, 2, 3 … within the case"),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=True),
        sa.Column(
            "request_digest", sa.Text, nullable=True, comment="of command and body, to tell a retry from another wish"
        ),
        sa.Column("body", sa.Text, nullable=False, comment="the CloudEvent, verbatim as the feed gives it"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("case_id", "version"),
        sa.UniqueConstraint("event_id"),
        comment="The log: append-only, the only truth",
    )
    op.create_index(
        "events_by_idempotency_key",
        "events",
        ["idempotency_key", "actor"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index("events_by_type", "events", ["type", "position"], unique=False)
    op.create_table(
        "people",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("email", sa.Text, nullable=True),
        sa.Column("phone", sa.Text, nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Text, nullable=True),
        sa.Column("erased_for", sa.Text, nullable=True, comment="the reason, which must not name the person"),
        sa.PrimaryKeyConstraint("person_id"),
        comment="Names and addresses, erasable; the log holds the ids",
    )
    op.create_index(op.f("ix_people_case_id"), "people", ["case_id"], unique=False)
    op.create_table(
        "sandbox_clock",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("offset_microseconds", sa.BigInteger, nullable=False, comment="ahead of the real clock"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "texts",
        sa.Column("text_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Text, nullable=True),
        sa.Column("erased_for", sa.Text, nullable=True, comment="the reason"),
        sa.PrimaryKeyConstraint("text_id"),
        comment="Reasons, notes and answers, erasable; the log holds the ids",
    )
    op.create_index(op.f("ix_texts_case_id"), "texts", ["case_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in (*APPEND_ONLY[dialect], *FORGETFUL[dialect]):
        op.execute(sa.text(statement))
    epochs = sa.table("epochs", sa.column("number"), sa.column("epoch"), sa.column("began_after"))
    op.execute(epochs.insert().values(number=1, epoch=secrets.token_hex(4), began_after=0))
