"""What time itself wishes: which deadlines are over, and which training has lapsed."""

from collections.abc import Iterator
from datetime import date

from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import LapseTraining, MissDeadline, Wish
from secor_workflow.domain.guards.deadline import can_be_missed
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.roads import COMMANDS


def next_due(case: Case, policy: Policy) -> date | None:
    """The first date whose end will make the clock act on this case; nothing if none will."""
    lapses = case.state in COMMANDS["lapse_training"].sources
    return min(
        (
            deadline.due_on
            for deadline in case.deadlines
            if (can_be_missed(deadline, policy) and not deadline.missed)
            or (lapses and deadline.name == "student_audit")
        ),
        default=None,
    )


def due(case: Case, today: date, policy: Policy) -> Iterator[Wish]:
    """What the clock is to send now, earliest first; a lapse follows the miss that causes it."""
    for deadline in case.deadlines:
        if deadline.due_on >= today:
            continue
        if can_be_missed(deadline, policy) and not deadline.missed:
            yield MissDeadline(deadline=deadline.name)
        if deadline.name == "student_audit" and case.state in COMMANDS["lapse_training"].sources:
            yield LapseTraining()
