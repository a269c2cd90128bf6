"""Separation of duties: who had a hand in a case does not review its audit, under whichever key or token they come.

Each rule stands here twice: for whoever is to be assigned, and for whoever reviews, since one may have become involved
after the assignment. The second can be asked before anything is wished, so "what may I do now" tells it.
"""

from collections.abc import Callable, Iterator
from datetime import date

from secor_workflow.domain import commands as c
from secor_workflow.domain.calendar import count_months
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.involvement import EventRef, Involvement, Part
from secor_workflow.domain.refusal import guard

Found = Iterator[tuple[str, str | None, EventRef]]
AT = "/reviewer"


@guard("reviewer_is_champion", forbids=True)
def assigned_is_no_champion(case: Case, wish: c.AssignReviewer, ctx: Context) -> Found:
    """Separation of duties: nobody reviews who is or was the champion of the case."""
    yield from _champion(case, wish.reviewer, ctx, AT)


@guard("reviewer_is_champion", forbids=True)
def reviewer_is_no_champion(case: Case, ctx: Context) -> Found:
    """Separation of duties: nobody reviews who is or was the champion of the case."""
    yield from _champion(case, ctx.actor.id, ctx)


@guard("reviewer_submitted", forbids=True)
def assigned_did_not_submit(case: Case, wish: c.AssignReviewer, ctx: Context) -> Found:
    """Separation of duties: nobody reviews an audit that they submitted, in any of its rounds."""
    yield from _submitter(case, wish.reviewer, ctx, AT)


@guard("reviewer_submitted", forbids=True)
def reviewer_did_not_submit(case: Case, ctx: Context) -> Found:
    """Separation of duties: nobody reviews an audit that they submitted, in any of its rounds."""
    yield from _submitter(case, ctx.actor.id, ctx)


@guard("reviewer_changed_audit", forbids=True)
def assigned_handed_nothing_in(case: Case, wish: c.AssignReviewer, ctx: Context) -> Found:
    """Separation of duties: nobody reviews an audit that names a document which they handed in."""
    yield from _handed_in(case, wish.reviewer, ctx, AT)


@guard("reviewer_changed_audit", forbids=True)
def reviewer_handed_nothing_in(case: Case, ctx: Context) -> Found:
    """Separation of duties: nobody reviews an audit that names a document which they handed in."""
    yield from _handed_in(case, ctx.actor.id, ctx)


@guard("reviewer_advised", forbids=True)
def assigned_did_not_advise(case: Case, wish: c.AssignReviewer, ctx: Context) -> Found:
    """Separation of duties: nobody reviews the audit of an employer whom they advised in the policy's window before."""
    yield from _adviser(case, wish.reviewer, ctx, AT)


@guard("reviewer_advised", forbids=True)
def reviewer_did_not_advise(case: Case, ctx: Context) -> Found:
    """Separation of duties: nobody reviews the audit of an employer whom they advised in the policy's window before."""
    yield from _adviser(case, ctx.actor.id, ctx)


def _champion(case: Case, actor: str, ctx: Context, pointer: str | None = None) -> Found:
    for one in _newest(case, "champion", actor, ctx):
        yield _refusal("the champion of this case does not review it", one, actor, pointer)


def _submitter(case: Case, actor: str, ctx: Context, pointer: str | None = None) -> Found:
    for one in _newest(case, "submitter", actor, ctx):
        yield _refusal("who submitted this audit does not review it", one, actor, pointer)


def _handed_in(case: Case, actor: str, ctx: Context, pointer: str | None = None) -> Found:
    named = {document.document_id for document in case.audit.documents} if case.audit else set()
    for one in _newest(case, "document", actor, ctx, lambda handed_in: handed_in.document_id in named):
        yield _refusal("who handed in a document of this audit does not review it", one, actor, pointer)


def _adviser(case: Case, actor: str, ctx: Context, pointer: str | None = None) -> Found:
    for one in _newest(case, "adviser", actor, ctx, lambda advice: _counts_until(advice, case, ctx) >= ctx.today):
        until = _counts_until(one, case, ctx)
        rule = f"who advised this employer on {one.advised_on} does not review its audit until {until} is over"
        yield _refusal(rule, one, actor, pointer)


def _counts_until(advice: Involvement, case: Case, ctx: Context) -> date:
    months = ctx.policy_of(case).numbers.advice_window_months.value
    return count_months("advised", advice.advised_on or advice.event.effective_on, months).day


def _newest(
    case: Case, part: Part, actor: str, ctx: Context, counts: Callable[[Involvement], bool] = lambda _: True
) -> list[Involvement]:
    """The newest involvement of the person behind the actor, if there is one: one event is enough to refuse."""
    mine = [one for one in case.involved if one.part == part and counts(one) and ctx.is_same(one.who, actor)]
    return sorted(mine, key=lambda one: (one.advised_on or date.min, one.event.position))[-1:]


def _refusal(rule: str, found: Involvement, actor: str, pointer: str | None) -> tuple[str, str | None, EventRef]:
    other_id = "" if found.who == actor else f", also known as {found.who}"
    return f"Separation of duties: {rule} ({actor}{other_id}; {found.event}).", pointer, found.event
