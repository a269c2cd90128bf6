"""The cases that this process wrote last, in memory: decided on at once, and the append finds out if that held."""

from collections import OrderedDict
from uuid import UUID

from secor_workflow.domain.case import Case

MOST_CASES = 2000


class Newest:
    """Cases as they were when they were last written here, and each one's newest event. Others may know better."""

    def __init__(self) -> None:
        self._cases: OrderedDict[UUID, tuple[Case, UUID]] = OrderedDict()

    def keep(self, case: Case, event_id: UUID) -> None:
        """Remember a case, unless a newer version of it is remembered already."""
        known = self._cases.get(case.case_id)
        if known is None or known[0].version <= case.version:
            self._cases[case.case_id] = case, event_id
        self._cases.move_to_end(case.case_id)
        if len(self._cases) > MOST_CASES:
            self._cases.popitem(last=False)

    def find(self, case_id: UUID) -> tuple[Case, UUID] | None:
        return self._cases.get(case_id)
