"""A log of any size, made with COPY into the real tables: the life of one case, again and again under other ids."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from rich.progress import track
from uuid_utils.compat import uuid7

from secor_workflow.database.tables import cases, events
from secor_workflow.domain.commands import Wish
from secor_workflow.log.append import Append
from secor_workflow.log.envelope import placed
from workflow.log.stories import Story, naming, standing

EVENTS_OF_A_CASE = 7
CASES_AT_ONCE = 2_000


def life() -> list[Append]:
    """A registration, a champion, and five remarks on the standing: today, so nothing is overdue."""
    story = Story(now=datetime.now(UTC))
    wishes: Sequence[Wish | None] = (None, naming(), *(standing() for _ in range(EVENTS_OF_A_CASE - 2)))
    return [story.next(wish) for wish in wishes]


async def fill(url: str, number: int) -> None:
    """Fill an empty, migrated database with so many events, whole cases of them, and vacuum it."""
    told = [_Pattern(append) for append in life()]
    connection = await asyncpg.connect(url)
    try:
        for start in track(range(0, number // EVENTS_OF_A_CASE, CASES_AT_ONCE), f"Filling {number:,} events"):
            some = range(start, min(start + CASES_AT_ONCE, number // EVENTS_OF_A_CASE))
            ids = [UUID(int=uuid7().int) for _ in some]
            rows = [
                pattern.event(case_id, which * EVENTS_OF_A_CASE + i, f"{which:010d}")
                for which, case_id in zip(some, ids, strict=True)
                for i, pattern in enumerate(told, 1)
            ]
            await connection.copy_records_to_table("events", records=rows, columns=_names(events))
            newest = [
                told[-1].case(case_id, (which + 1) * EVENTS_OF_A_CASE, f"{which:010d}")
                for which, case_id in zip(some, ids, strict=True)
            ]
            await connection.copy_records_to_table("cases", records=newest, columns=_names(cases))
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


def _names(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns]


class _Pattern:
    """One event of a life, told again of any case."""

    def __init__(self, append: Append) -> None:
        self._append, self._case_id = append, str(append.case_id)
        self._event_id, self._account = str(append.event_id), append.row["worksafebc_account"]

    def event(self, case_id: UUID, position: int, account: str) -> tuple[object, ...]:
        """The values of its row, in the order of the table's columns."""
        told, event_id = self._append, UUID(int=uuid7().int)
        text = told.text.replace(self._case_id, str(case_id)).replace(self._event_id, str(event_id))
        body = placed(text.replace(self._account, account), position)
        key = event_id.hex
        return position, case_id, told.version, event_id, told.type, told.actor, key, key + key, body

    def case(self, case_id: UUID, position: int, account: str) -> tuple[object, ...]:
        """The values of the case's row after it."""
        own = {"case_id": case_id, "version": self._append.version, "position": position, "worksafebc_account": account}
        row = self._append.row | own | {"search": self._append.row["search"].replace(self._account, account)}
        return tuple(row[name] for name in _names(cases))
