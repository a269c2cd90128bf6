"""A log of any size, made with COPY into the real tables: the life of one case, again and again under other ids."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import UUID

import asyncpg
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
    """A registration, a champion, and five remarks on the standing."""
    story = Story()
    wishes: Sequence[Wish | None] = (None, naming(), *(standing() for _ in range(EVENTS_OF_A_CASE - 2)))
    return [story.next(wish) for wish in wishes]


async def fill(url: str, number: int) -> None:
    """Fill an empty, migrated database with so many events, whole cases of them."""
    told = life()
    connection = await asyncpg.connect(url)
    try:
        for start in track(range(0, number // EVENTS_OF_A_CASE, CASES_AT_ONCE), f"Filling {number:,} events"):
            some = range(start, min(start + CASES_AT_ONCE, number // EVENTS_OF_A_CASE))
            copies = [list(_copy(told, which)) for which in some]
            rows = [row for copy in copies for row, _ in copy]
            await _into(connection, "events", [column.name for column in events.columns], rows)
            await _into(
                connection, "cases", [column.name for column in cases.columns], [copy[-1][1] for copy in copies]
            )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _copy(told: list[Append], which: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each event's row, and the case's row after it."""
    case_id, account = uuid7(), f"{which:010d}"
    for i, append in enumerate(told):
        event_id, position = uuid7(), which * EVENTS_OF_A_CASE + i + 1
        text = append.text.replace(str(append.case_id), str(case_id)).replace(str(append.event_id), str(event_id))
        text = text.replace(told[0].row["worksafebc_account"], account)
        one = replace(append, case_id=case_id, event_id=event_id, text=text)
        search = append.row["search"].replace(append.row["worksafebc_account"], account)
        own = {"case_id": case_id, "version": append.version, "position": position}
        yield _event(one, position), append.row | own | {"worksafebc_account": account, "search": search}


def _event(append: Append, position: int) -> dict[str, Any]:
    told = {name: getattr(append, name) for name in ("case_id", "version", "event_id", "type", "actor")}
    keyed = {"idempotency_key": append.event_id.hex, "request_digest": append.event_id.hex * 2}
    return told | keyed | {"position": position, "body": placed(append.text, position)}


async def _into(connection: Any, table: str, columns: list[str], rows: list[dict[str, Any]]) -> None:  # noqa: ANN401 (asyncpg's own connection has no public type for a plain one)
    records = [tuple(_plain(row[name]) for name in columns) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=columns)


def _plain(value: object) -> object:
    """As the driver's COPY takes it: its own UUID, and an instant in UTC."""
    if isinstance(value, UUID):
        return UUID(int=value.int)
    return value.astimezone(UTC) if hasattr(value, "astimezone") else value
