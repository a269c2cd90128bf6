"""How long documents are kept: so many months after a case's end, then their bytes and names are erased for good."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from secor_workflow.database.tables import cases
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions
from secor_workflow.domain.calendar import count_months
from secor_workflow.domain.case import CaseDocument
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.policy import Policy
from secor_workflow.log.archives import ArchivedCaseError
from secor_workflow.log.log import Log
from secor_workflow.logs import logger
from secor_workflow.people import People

_CLOSED = "Closed"
_PAGE = 500
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """A case whose documents were kept long enough, and those that are still there."""

    case_id: UUID
    closed_on: date
    documents: tuple[CaseDocument, ...]


class Retention:
    """Finds what was kept long enough, and erases it."""

    def __init__(self, log: Log, blobs: Blobs, conditions: Conditions, people: People) -> None:
        self._log, self._blobs, self._conditions, self._people = log, blobs, conditions, people

    async def expired(self, policy: Policy, today: date) -> AsyncIterator[Expired]:
        """Closed cases whose time is over by a policy, by case id."""
        after: list[UUID] = []
        while rows := await self._log.rows(
            cases.c.state == _CLOSED, *(cases.c.case_id > last for last in after), limit=_PAGE
        ):
            for row in rows:
                if (
                    found := await self._of(row["case_id"], policy.documents.retention_months.value, today)
                ) is not None:
                    yield found
            after = [rows[-1]["case_id"]]

    async def _of(self, case_id: UUID, months: int, today: date) -> Expired | None:
        try:
            events = await self._log.events_of(case_id)
        except ArchivedCaseError as error:
            _log.warning("the case is archived and was not looked at", case_id=str(case_id), archives=error.names)
            return None
        closed_on = next(event.effective_on for event in events if event.state == _CLOSED)
        if count_months("closed", closed_on, months).day > today:
            return None
        conditions = await self._conditions.of_case(case_id)
        erased = {sha256 for sha256, condition in conditions.items() if condition.erased_at}
        left = tuple(document for document in fold(case_id, events).documents if document.sha256 not in erased)
        return Expired(case_id, closed_on, left) if left else None

    async def erase(self, expired: Expired, *, by: str, reason: str, now: datetime) -> None:
        """Erase a case's documents for good, as an admin would; the log keeps kinds, digests and sizes.

        Names go first: should it be cut short, what is found again still leads to all that is left.
        """
        for document in expired.documents:
            await self._people.erase_text(document.filename_id, by=by, reason=reason, now=now)
        for document in expired.documents:
            await self._conditions.note_erasure(expired.case_id, document.sha256, by=by, reason=reason, now=now)
            await self._blobs.delete(expired.case_id, document.sha256)
