"""Which actors are one person; what one admin asks for and another one approves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    email = "SHA-256 of the verified address in the last token that told one"
    op.add_column("identities", sa.Column("email_digest", sa.Text, nullable=True, comment=email))
    op.create_table(
        "actor_persons",
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column(
            "email_digest", sa.Text, nullable=False, comment="SHA-256 of the person's address; it is not kept itself"
        ),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("actor_id"),
        comment="Who an admin says stands behind an actor: several actors with one address are one person",
    )
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.Uuid, nullable=False, comment="UUIDv7: in the order of time"),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False, comment="of the request; ids alone"),
        sa.Column("about", sa.Text, nullable=False, comment="what the approver must know, as JSON; nothing personal"),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of operation, path and body"),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text, nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="when it was carried out, once"),
        sa.PrimaryKeyConstraint("approval_id"),
        comment="What one admin asked for and another one must approve",
    )
    op.create_index(op.f("ix_approvals_digest"), "approvals", ["digest"], unique=False)


def downgrade() -> None:
    """Forgets which actors are one person, and what waits for approval."""
    op.drop_table("approvals")
    op.drop_table("actor_persons")
    with op.batch_alter_table("identities") as identities:
        identities.drop_column("email_digest")
