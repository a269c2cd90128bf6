"""The read model's row is told without folding the case, and by few of its events: it is the one that folding makes."""

from collections.abc import Iterator

import pytest

from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold
from secor_workflow.log.read_model import TELLING, case_row, row_told
from workflow.domain.examples import BY_STATE
from workflow.domain.readiness import wish_of
from workflow.domain.table import TABLE
from workflow.specification import POLICIES


def histories(state: str) -> Iterator[tuple[Event, ...]]:
    """What has led to a state, and every event that may come next."""
    given = BY_STATE[state]
    for command in TABLE:
        when = given.when(wish_of(command))
        if not isinstance(when.outcome, list):
            yield when.granted().events


def beginnings(history: tuple[Event, ...]) -> Iterator[tuple[Event, ...]]:
    return (history[:number] for number in range(1, len(history) + 1))


@pytest.mark.parametrize("state", BY_STATE)
def test_the_row_told_is_the_row_that_folding_makes(state: str) -> None:
    for history in histories(state):
        for events in beginnings(history):
            case = fold(events[0].case_id, events)
            folded = {**case_row(case, POLICIES), "case_id": case.case_id}
            folded |= {"version": case.version, "position": case.position}

            assert row_told(case.case_id, events, POLICIES) == folded
            few = [event for event in events if event.type in TELLING or event is events[-1]]
            assert row_told(case.case_id, few, POLICIES) == folded


def test_some_history_changes_the_employer_after_registration() -> None:
    types = {event.type for state in BY_STATE for history in histories(state) for event in history}

    assert types >= TELLING
