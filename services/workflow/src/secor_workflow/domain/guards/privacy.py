"""What must hold before somebody is erased."""

from collections.abc import Iterator

from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import ErasePerson
from secor_workflow.domain.refusal import guard


@guard("already_erased")
def not_erased_yet(case: Case, wish: ErasePerson) -> Iterator[tuple[str, str]]:
    """Somebody is erased once; asking again finds it done."""
    if wish.person_id in case.erased:
        yield "This person's data were erased before; there is nothing left to erase.", "/person_id"
