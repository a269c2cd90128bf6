"""Holds, extensions and misses."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.refusal import guard, listed
from secor_workflow.domain.values import Deadline


@guard("already_on_hold")
def no_hold_open(case: Case) -> Iterator[str]:
    """One hold at a time."""
    if case.hold:
        yield f"The case is already on hold since {case.hold.since}."


@guard("not_on_hold")
def hold_open(case: Case) -> Iterator[str]:
    """Only a hold that is open can end."""
    if case.hold is None:
        yield "The case is not on hold."


@guard("no_such_deadline")
def deadline_open(case: Case, wish: c.ExtendDeadline | c.MissDeadline) -> Iterator[tuple[str, str]]:
    """The deadline is one that the case has now."""
    if case.deadline(wish.deadline) is None:
        names = [deadline.name for deadline in case.deadlines]
        yield f"The case has no deadline {wish.deadline}; it has {listed(names)}.", "/deadline"


@guard("not_later")
def new_date_later(case: Case, wish: c.ExtendDeadline, ctx: Context) -> Iterator[tuple[str, str]]:
    """An extension gives more time."""
    deadline = case.deadline(wish.deadline)
    if deadline and wish.due_on <= deadline.due_on:
        yield f"{deadline.name} is due on {deadline.due_on}; the new date must be later.", "/due_on"
    elif deadline and wish.due_on < ctx.today:
        yield f"The new date must not have passed: today is {ctx.today}.", "/due_on"


@guard("deadline_not_over")
def deadline_over(case: Case, wish: c.MissDeadline, ctx: Context) -> Iterator[str]:
    """A deadline is over at the end of its day; an appointment cannot be missed."""
    deadline = case.deadline(wish.deadline)
    if deadline and not can_be_missed(deadline, ctx.policy):
        yield f"{deadline.name} is an appointment; nothing is handed in that day."
    elif deadline and ctx.today <= deadline.due_on:
        yield f"{deadline.name} is due on {deadline.due_on}, which is not over."


@guard("already_missed")
def miss_not_recorded(case: Case, wish: c.MissDeadline) -> Iterator[str]:
    """A miss is recorded once."""
    deadline = case.deadline(wish.deadline)
    if deadline and deadline.missed:
        yield f"It was already recorded that {deadline.name} was missed."


def can_be_missed(deadline: Deadline, policy: Policy) -> bool:
    return deadline.name not in policy.deadlines or not policy.deadlines[deadline.name].appointment
