"""Keys that end and are rotated; who stands behind a token; who was refused what."""

import sqlalchemy as sa
from alembic import op

from secor_workflow.database.tables import REFUSALS_STAY

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    ends = sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True, comment="by the real clock")
    used = sa.Column(
        "last_used_at", sa.DateTime(timezone=True), nullable=True, comment="by the real clock, to the minute"
    )
    replaces = sa.Column("replaces", sa.Uuid, nullable=True, comment="the key that was rotated into this one")
    for column in (ends, used, replaces):
        op.add_column("api_keys", column)
    op.create_table(
        "identities",
        sa.Column("identity_id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False, comment="as the issuer's tokens name it"),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column(
            "linked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when an admin said who it is; null: derived from issuer and subject",
        ),
        sa.Column("linked_by", sa.Text, nullable=True),
        sa.Column("role", sa.Text, nullable=True, comment="of the last token that was seen"),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), nullable=True, comment="by the real clock, to the minute"
        ),
        sa.PrimaryKeyConstraint("identity_id"),
        sa.UniqueConstraint("issuer", "subject"),
        comment="Who stands behind a token: one actor for a person, whichever credential they come with",
    )
    op.create_index(op.f("ix_identities_actor_id"), "identities", ["actor_id"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.Uuid, nullable=False, comment="UUIDv7: in the order of time"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, comment="by the real clock"),
        sa.Column("actor_id", sa.Text, nullable=True, comment="null: nobody was let in"),
        sa.Column("role", sa.Text, nullable=True),
        sa.Column("address", sa.Text, nullable=True, comment="where the request came from"),
        sa.Column("operation", sa.Text, nullable=True, comment="the operation's id; null: there is none at the path"),
        sa.Column("case_id", sa.Uuid, nullable=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column(
            "why", sa.Text, nullable=False, comment="what was wrong with the credential; every guard that refused"
        ),
        sa.Column("times", sa.Integer, nullable=False, comment="how often within a few seconds"),
        sa.PrimaryKeyConstraint("refusal_id"),
        comment="Who was refused what: append-only, forgotten after a while; no bodies, no secrets",
    )
    op.create_index(op.f("ix_refusals_recorded_at"), "refusals", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_refusals_case_id"), "refusals", ["case_id"], unique=False)
    for statement in REFUSALS_STAY[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Forgets links, refusals, and when keys end: revoke those that should have."""
    op.drop_table("refusals")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION keep_refusals()"))
    op.drop_table("identities")
    with op.batch_alter_table("api_keys") as keys:
        for column in ("expires_at", "last_used_at", "replaces"):
            keys.drop_column(column)
