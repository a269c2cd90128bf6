"""The row of a case in the read model: what cases are listed and found by."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from secor_workflow.domain.case import Case
from secor_workflow.domain.clockwork import next_due
from secor_workflow.domain.events import EmployerRegistered, EmployerUpdated, Event
from secor_workflow.domain.policy import Policies

TELLING = frozenset({EmployerRegistered.__name__, EmployerUpdated.__name__})
"""The events that change what the row says; all else in it stands in the case's newest event, whichever that is."""


def case_row(case: Case, policies: Policies) -> dict[str, Any]:
    """The row, but for version and position, which the append adds."""
    employer = case.employer
    if employer is None:
        raise ValueError("a case without its first event has no row")
    names = [employer.legal_name, employer.trade_name or "", employer.worksafebc_account]
    earliest: date | None = min((deadline.due_on for deadline in case.deadlines), default=None)
    return {
        "state": case.state,
        "worksafebc_account": employer.worksafebc_account,
        "legal_name": employer.legal_name,
        "search": "\n".join(names).casefold(),
        "earliest_due_on": earliest,
        "overdue": any(deadline.missed for deadline in case.deadlines),
        "next_due": next_due(case, policies.editions[-1]),
    }


def row_told(case_id: UUID, told: Sequence[Event], policies: Policies) -> dict[str, Any]:
    """The whole row without folding the case: events that are neither of `TELLING` nor the newest may be left out."""
    newest = told[-1]
    employers = [event.fact.employer for event in told if isinstance(event.fact, EmployerRegistered | EmployerUpdated)]
    case = Case(
        case_id=case_id,
        state=newest.state,
        version=newest.version,
        position=newest.position,
        recorded_at=newest.recorded_at,
        employer=employers[-1] if employers else None,
        deadlines=newest.deadlines,
    )
    return {**case_row(case, policies), "case_id": case_id, "version": case.version, "position": case.position}
