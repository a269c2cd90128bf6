"""Who reviews, what a review may do, and which scores pass; who must not review stands in `duties`."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context, Role
from secor_workflow.domain.refusal import guard, listed
from secor_workflow.domain.values import Score, total


@guard("not_a_reviewer")
def reviewer_has_role(wish: c.AssignReviewer, ctx: Context) -> Iterator[tuple[str, str]]:
    """Who reviews holds the role qa_reviewer."""
    if not ctx.has_role(wish.reviewer, Role.QA_REVIEWER):
        yield (
            f"No valid key with the role qa_reviewer belongs to {wish.reviewer}; a reviewer's id is in its GET /v1/me.",
            "/reviewer",
        )


@guard("not_the_assigned_reviewer", forbids=True)
def by_assigned_reviewer(case: Case, ctx: Context) -> Iterator[str]:
    """The review is the assigned reviewer's, under whichever key or token that person comes."""
    if case.audit and case.audit.reviewer is None:
        yield "No reviewer is assigned yet; staff assign one."
    elif case.audit and case.audit.reviewer and not ctx.is_same(case.audit.reviewer, ctx.actor.id):
        yield f"The assigned reviewer is {case.audit.reviewer}."


@guard("already_returned")
def not_returned(case: Case) -> Iterator[str]:
    """An audit that waits for corrections is neither returned again nor decided."""
    if case.audit and case.audit.returned:
        yield "The audit is with the employer for corrections; the review goes on when it is resubmitted."


@guard("unknown_element")
def notes_name_elements(case: Case, wish: c.ReturnAudit, ctx: Context) -> Iterator[tuple[str, str]]:
    """The elements are those of the audit tool."""
    titles = ctx.policy_of(case).element_titles
    for i, note in enumerate(wish.notes):
        if note.element is not None and note.element not in titles:
            yield f"There is no element {note.element}; they are {listed(titles)}.", f"/notes/{i}/element"


@guard("no_rounds_left")
def rounds_left(case: Case, ctx: Context) -> Iterator[str]:
    """An audit is returned a limited number of times, then decided."""
    most = ctx.policy_of(case).numbers.max_rounds.value
    if case.audit and case.audit.round > most:
        yield f"The audit was already returned {most} times; decide or reject it."


def scores_pass(case: Case, wish: c.DecideQa, ctx: Context) -> bool:
    """80 % of all points and 50 % of each element's (go2HR), in exact integers."""
    card = wish.scorecard or (case.audit.scorecard if case.audit else ())
    numbers = ctx.policy_of(case).numbers
    return total(card).reaches(numbers.overall_pass_percent.value) and not failed_elements(
        card, numbers.element_pass_percent.value
    )


def failed_elements(card: tuple[Score, ...], percent: int) -> tuple[str, ...]:
    return tuple(score.code for score in card if not total((score,)).reaches(percent))
