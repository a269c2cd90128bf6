"""When the safety management system counts as developed."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard, listed, repeated


@guard("unknown_element")
def elements_in_policy(wish: c.RecordSelfAssessment, ctx: Context) -> Iterator[tuple[str, str]]:
    """The elements are those of the audit tool."""
    for i, assessed in enumerate(wish.elements):
        if assessed.code not in ctx.policy.element_titles:
            yield (
                f"There is no element {assessed.code}; they are {listed(ctx.policy.element_titles)}.",
                f"/elements/{i}/code",
            )


@guard("repeated_element")
def elements_named_once(wish: c.RecordSelfAssessment) -> Iterator[tuple[str, str]]:
    """One status for each element."""
    yield from repeated([assessed.code for assessed in wish.elements], "/elements/{}/code")


@guard("elements_not_assessed")
def every_element_assessed(case: Case, ctx: Context) -> Iterator[str]:
    """The self-assessment goes through every element before the system counts as developed."""
    if missing := [code for code in ctx.policy.element_titles if case.status_of(code) is None]:
        yield f"Not assessed yet: {listed(missing)}. Record the self-assessment first."


@guard("open_gaps")
def no_open_gap(case: Case) -> Iterator[str]:
    """Every gap is closed before the system counts as developed."""
    if case.gaps:
        yield f"Open gaps: {listed(case.gaps)}. Close them and record the self-assessment again."
