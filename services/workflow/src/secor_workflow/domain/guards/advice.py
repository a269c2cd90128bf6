"""What must hold of advice that is put on record."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard, listed


@guard("unknown_adviser")
def adviser_known(wish: c.RecordAdvice, ctx: Context) -> Iterator[tuple[str, str]]:
    """Who advised is somebody who acts here: a wrong id would keep nobody from reviewing."""
    if wish.adviser is not None and not ctx.is_known(wish.adviser):
        yield f"Nobody acts here as {wish.adviser}; an actor's id is in its GET /v1/me.", "/adviser"


@guard("advice_date_wrong")
def advice_date_holds(wish: c.RecordAdvice, ctx: Context) -> Iterator[tuple[str, str]]:
    """Advice was given by today, and not before the programme."""
    began = ctx.policy.numbers.programme_started_on.value
    if wish.advised_on and wish.advised_on > ctx.today:
        yield f"Advice is recorded once it was given: today is {ctx.today}.", "/advised_on"
    if wish.advised_on and wish.advised_on < began:
        yield f"The programme began on {began}.", "/advised_on"


@guard("unknown_element")
def advice_names_elements(case: Case, wish: c.RecordAdvice, ctx: Context) -> Iterator[tuple[str, str]]:
    """The elements are those of the audit tool."""
    titles = ctx.policy_of(case).element_titles
    for i, code in enumerate(wish.elements):
        if code not in titles:
            yield f"There is no element {code}; they are {listed(titles)}.", f"/elements/{i}"
