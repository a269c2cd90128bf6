"""How long people are kept: who should be erased by the policy, and why. Nobody is erased by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from secor_workflow.database.tables import cases
from secor_workflow.domain.calendar import count_months
from secor_workflow.domain.events import Event
from secor_workflow.domain.policy import PeopleRules
from secor_workflow.domain.whereabouts import last_needed
from secor_workflow.log.archives import ArchivedCaseError
from secor_workflow.log.log import Log
from secor_workflow.logs import logger
from secor_workflow.people import People

_CLOSED = "Closed"
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Somebody who was kept long enough: since when nothing needs them, and until when they were to be kept."""

    person_id: UUID
    case_id: UUID
    because: Literal["case_closed", "no_longer_named"]
    since: date
    kept_until: date


@dataclass(frozen=True, slots=True)
class Proposals:
    """Of some cases; `next` is the last one that was looked at, if there may be more."""

    items: tuple[Proposal, ...]
    next: UUID | None


class PeopleRetention:
    """Looks through the cases for people who were kept long enough."""

    def __init__(self, log: Log, people: People) -> None:
        self._log, self._people = log, people

    async def proposals(self, rules: PeopleRules, today: date, *, after: UUID | None, limit: int) -> Proposals:
        """What is proposed of the next so many cases, by case id."""
        rows = await self._log.rows(*([cases.c.case_id > after] if after else []), limit=limit)
        found = [one for row in rows for one in await self._of(row["case_id"], rules, today)]
        return Proposals(tuple(found), rows[-1]["case_id"] if len(rows) == limit else None)

    async def _of(self, case_id: UUID, rules: PeopleRules, today: date) -> list[Proposal]:
        kept = [person.person_id for person in await self._people.people_of(case_id) if person.erased_at is None]
        if not kept:
            return []
        try:
            events = await self._log.events_of(case_id)
        except ArchivedCaseError as error:
            _log.warning("the case is archived and was not looked at", case_id=str(case_id), archives=error.names)
            return []
        return [one for person_id in kept for one in _proposed(case_id, events, person_id, rules, today)]


def _proposed(
    case_id: UUID, events: list[Event], person_id: UUID, rules: PeopleRules, today: date
) -> Iterator[Proposal]:
    because: Literal["case_closed", "no_longer_named"]
    closed_on = next((event.effective_on for event in events if event.state == _CLOSED), None)
    if closed_on is not None:
        because, since, months = "case_closed", closed_on, rules.after_close_months.value
    else:
        needed = last_needed(case_id, events, person_id)
        if needed is None:
            return
        because, since, months = "no_longer_named", needed, rules.decision_months.value
    kept_until = count_months(because, since, months).day
    if kept_until <= today:
        yield Proposal(person_id=person_id, case_id=case_id, because=because, since=since, kept_until=kept_until)
