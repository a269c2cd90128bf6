"""What was erased and is gone from the files too; who has confirmed an erasure; who was shown whom."""

import sqlalchemy as sa
from alembic import op

from secor_workflow.database.tables import READS_STAY

revision = "0004"
down_revision = "0003"

_FORGOTTEN = "when what was erased was gone from the data files too"


def upgrade() -> None:
    for table in ("people", "texts"):
        op.add_column(table, sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True, comment=_FORGOTTEN))
    op.create_table(
        "erasure_confirmations",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.Text, nullable=False, comment="who keeps something about people: notifier, ..."),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "consumer"),
        comment="Which consumers of the feed have said that they forgot an erased person",
    )
    op.create_table(
        "people_reads",
        sa.Column("read_id", sa.Uuid, nullable=False, comment="UUIDv7: in the order of time"),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, comment="by the real clock"),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False, comment="the operation's id"),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=True, comment="whom it was about; null: a text of the case"),
        sa.Column("text_id", sa.Uuid, nullable=True),
        sa.PrimaryKeyConstraint("read_id"),
        comment="Who was shown which person or text: append-only, forgotten after a while",
    )
    op.create_index(op.f("ix_people_reads_read_at"), "people_reads", ["read_at"], unique=False)
    op.create_index(op.f("ix_people_reads_person_id"), "people_reads", ["person_id"], unique=False)
    for statement in READS_STAY[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Forgets who was shown whom and who has confirmed; what was erased stays so."""
    op.drop_table("people_reads")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION keep_people_reads()"))
    op.drop_table("erasure_confirmations")
    for table in ("people", "texts"):
        with op.batch_alter_table(table) as altered:
            altered.drop_column("forgotten_at")
