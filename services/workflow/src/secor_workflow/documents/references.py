"""Whose bytes are whose: read from the log each time, so that there is no second truth."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.tables import events
from secor_workflow.documents.condition import Bytes
from secor_workflow.domain.events import DocumentAdded
from secor_workflow.log.archives import all_archived_cases
from secor_workflow.log.envelope import read
from secor_workflow.log.log import Log

_ADDED = DocumentAdded.__name__
_PAGE = 1000


async def referenced(log: Log) -> dict[Bytes, int]:
    """All bytes that the log speaks of, withdrawn and erased ones too, each with its size."""
    found: dict[Bytes, int] = {}
    at, head = await log.begins_after(), await log.head()
    while at < head:
        page = await log.page(at, _PAGE, types=(_ADDED,), up_to=head)
        found |= dict(_referred(text) for text in page.texts)
        at = page.scanned_to
    return found


async def is_referenced(connection: AsyncConnection, these: Bytes) -> bool:
    """Whether the log speaks of some bytes, as it stands in a transaction, or may do so in an archive."""
    if these.case_id in await all_archived_cases(connection):
        return True
    query = sa.select(events.c.body).where(events.c.case_id == these.case_id, events.c.type == _ADDED)
    return any(_referred(text)[0] == these for text in await connection.scalars(query))


def _referred(text: str) -> tuple[Bytes, int]:
    event = read(_ADDED, text)
    assert isinstance(event.fact, DocumentAdded)  # noqa: S101 (only such are asked for)
    return Bytes(event.case_id, event.fact.sha256), event.fact.size
