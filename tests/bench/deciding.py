"""A decision with its guards named, against a fresh state machine for each command; every pair must agree."""

import time
from collections.abc import Callable

from secor_workflow.domain.decide import decide
from secor_workflow.domain.refusal import Refused
from workflow.domain.agreement import agrees, ask_the_machine
from workflow.domain.examples import BY_STATE
from workflow.domain.readiness import wish_of
from workflow.domain.table import TABLE
from workflow.specification import When


def pairs() -> list[When]:
    """Every state with every command."""
    return [case.when(wish_of(command)) for case in BY_STATE.values() for command in TABLE]


def times_faster(asked: list[When]) -> float:
    """How many times faster the table decides. Raises if it and the machine disagree anywhere."""
    if different := [when for when in asked if not agrees(when)]:
        raise RuntimeError(f"{len(different)} pairs are decided differently")
    return _seconds(asked, ask_the_machine) / _seconds(asked, _decided)


def _decided(when: When) -> object:
    try:
        return decide(when.before.case, when.wish, when.ctx)
    except Refused as refused:
        return refused


def _seconds(asked: list[When], ask: Callable[[When], object]) -> float:
    began = time.perf_counter()
    for when in asked:
        ask(when)
    return time.perf_counter() - began
