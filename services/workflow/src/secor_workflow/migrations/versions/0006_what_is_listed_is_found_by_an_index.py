"""Indexes for lists that would read whole tables: an employer's cases, overdue ones, what one actor was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

OVERDUE = sa.text("overdue")


def upgrade() -> None:
    op.create_index("cases_by_account", "cases", ["worksafebc_account", "case_id"])
    op.create_index("cases_overdue", "cases", ["case_id"], sqlite_where=OVERDUE, postgresql_where=OVERDUE)
    op.create_index(op.f("ix_people_reads_actor_id"), "people_reads", ["actor_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_people_reads_actor_id"), "people_reads")
    op.drop_index("cases_overdue", "cases")
    op.drop_index("cases_by_account", "cases")
