"""What is no scorecard, or was made to do harm, is refused by the process that reads it; ours goes on."""

from subprocess import TimeoutExpired

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from secor_workflow.scorecards.sheet import UnreadableWorkbook, read_sheet
from workflow.scorecards.filling import filled_in, read
from workflow.scorecards.strange_files import NO_SCORECARD, TO_KILL, with_cell

RIGHT = filled_in()


@pytest.mark.parametrize("fault", TO_KILL)
def test_a_workbook_that_ends_its_reader_is_unreadable(fault: str) -> None:
    with pytest.raises(UnreadableWorkbook):
        read(TO_KILL[fault])

    assert read(RIGHT).problems == ()


@pytest.mark.parametrize("fault", [name for name, (_, code) in NO_SCORECARD.items() if code != "macros_not_allowed"])
def test_what_is_no_workbook_is_unreadable_even_if_nobody_looked_at_it_before(fault: str) -> None:
    workbook, _ = NO_SCORECARD[fault]
    if fault == "a zip bomb":
        assert read(workbook).problems == ()  # its sheet is read, the bomb beside it is not
        return

    with pytest.raises(UnreadableWorkbook):
        read(workbook)


def test_a_far_cell_that_can_still_be_held_does_no_harm() -> None:
    assert read(with_cell("Z2000")).problems == ()


def test_nobody_waits_longer_than_they_want() -> None:
    with pytest.raises(TimeoutExpired):
        read_sheet(RIGHT, "Scorecard", rows=10, columns=4, seconds=0.001)


@settings(max_examples=15, deadline=None)
@for_all(st.lists(st.tuples(st.integers(0, len(RIGHT) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_file_with_wrong_bytes_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    wrong = bytearray(RIGHT)
    for place, byte in changes:
        wrong[place] = byte
    try:
        draft = read(bytes(wrong))
    except UnreadableWorkbook:
        return
    assert len(draft.scorecard) <= 8
