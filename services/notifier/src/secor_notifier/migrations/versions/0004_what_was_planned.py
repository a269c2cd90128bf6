"""What a letter was planned and written from, when the notifier was awake, and one person's letters found together."""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('planned', 'failed', 'unknown')")
TEMPLATES = ("template_version", "written_as", "written_version")


def upgrade() -> None:
    for name in TEMPLATES:
        op.add_column("reminders", sa.Column(name, sa.Text))
    op.create_index(
        "reminders_open_of_recipient",
        "reminders",
        ["recipient", "next_attempt_at"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.add_column("bookmark", sa.Column("awake_at", sa.DateTime(timezone=True)))
    op.create_table(
        "absences",
        sa.Column("began_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
    )
    # The first ledger called by this name the day since which a moved deadline stands as it does. Its watches are
    # written anew only when their cases go on; until then the old name would let rungs from before that day through.
    op.execute(
        """UPDATE watches SET watch = REPLACE(watch, '"moved_on":', '"since":') WHERE watch LIKE '%"moved_on":%'"""
    )
    _keep_first_dates()


def _keep_first_dates() -> None:
    """Nor did it keep the first date of each open case, by which the digest finds them, beside the watch itself."""
    connection = op.get_bind()
    watches = sa.table("watches", sa.column("case_id"), sa.column("first_due_on", sa.Date), sa.column("watch"))
    found = []
    for row in connection.execute(sa.select(watches).where(watches.c.first_due_on.is_(None))):
        watch = json.loads(row.watch)
        dates = [date.fromisoformat(one["due_on"]) for one in watch["deadlines"]]
        if dates and watch["state"] != "Closed":
            found.append({"of": row.case_id, "first": min(dates)})
    if found:
        of_case = sa.update(watches).where(watches.c.case_id == sa.bindparam("of"))
        connection.execute(of_case.values(first_due_on=sa.bindparam("first")), found)


def downgrade() -> None:
    op.drop_table("absences")
    op.drop_column("bookmark", "awake_at")
    op.drop_index("reminders_open_of_recipient", "reminders")
    for name in reversed(TEMPLATES):
        op.drop_column("reminders", name)
