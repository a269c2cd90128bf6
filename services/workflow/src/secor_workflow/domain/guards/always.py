"""What holds for every command."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard


@guard("effective_date_wrong")
def effective_date_holds(case: Case, wish: c.Wish, ctx: Context) -> Iterator[tuple[str, str]]:
    """A fact is not dated in the future, nor before the programme or the case's registration."""
    on = wish.effective_on or ctx.today
    earliest = case.registered_on or ctx.policy.numbers.programme_started_on.value
    if on > ctx.today:
        yield f"The effective date {on} is in the future: today is {ctx.today}.", "/effective_on"
    if on < earliest:
        yield f"The effective date {on} is before {earliest}, when this began.", "/effective_on"
