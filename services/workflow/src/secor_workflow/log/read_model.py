"""The row of a case in the read model: what cases are listed and found by."""

from datetime import date
from typing import Any

from secor_workflow.domain.case import Case
from secor_workflow.domain.clockwork import next_due
from secor_workflow.domain.policy import Policies


def case_row(case: Case, policies: Policies) -> dict[str, Any]:
    """The row, but for version and position, which the append adds."""
    employer = case.employer
    if employer is None or case.recorded_at is None:
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
