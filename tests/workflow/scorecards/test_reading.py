"""A scorecard that is read: what was filled in comes back, and each cell that needs another look is named."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from openpyxl import Workbook

from secor_workflow.domain.values import MOST_POINTS, Score
from secor_workflow.scorecards.layout import HEADINGS, SHEET
from secor_workflow.scorecards.reading import MOST_ROWS, read_draft
from secor_workflow.scorecards.sheet import Moment, Sheet, Value
from workflow.scorecards.filling import CODES, POLICY, ROWS, TOTAL_ROW, filled_in, opened, read, saved, told, with_parts

points = st.integers(0, MOST_POINTS) | st.integers(0, 100)
cards = st.lists(st.tuples(points, points).map(sorted), min_size=len(CODES), max_size=len(CODES)).filter(
    lambda card: any(available for _, available in card)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@for_all(cards)
def test_what_is_filled_in_comes_back(card: list[list[int]]) -> None:
    workbook, sheet = opened()
    for row, (earned, available) in zip(ROWS, card, strict=True):
        sheet[f"C{row}"], sheet[f"D{row}"] = earned, available

    draft = read(saved(workbook))

    assert draft.problems == ()
    assert draft.scorecard == tuple(
        Score(code=code, earned=earned, available=available)
        for code, (earned, available) in zip(CODES, card, strict=True)
    )


WRONG_POINTS: dict[str, tuple[Any, str]] = {
    "nothing": (None, "empty"),
    "blanks": ("  ", "empty"),
    "text": ("twelve", "text"),
    "a number as text": ("12", "text"),
    "a number with words": ("12 points", "text"),
    "a fraction": (12.5, "whole numbers"),
    "nearly a whole number": (11.999999999, "whole numbers"),
    "less than nothing": (-1, "negative"),
    "a little less than nothing": (-0.5, "negative"),
    "more than there can be": (MOST_POINTS + 1, "at most 1000000"),
    "far more than there can be": (1e300, "at most 1000000"),
    "true": (True, "true or false"),
    "a date": (date(2026, 1, 2), "formatted as a date"),
    "an instant": (datetime(2026, 1, 2, 3, 4), "formatted as a date"),  # noqa: DTZ001 (a cell has no zone)
    "a time": (time(3, 4), "formatted as a date"),
    "a duration": (timedelta(hours=30), "formatted as a date"),
    "a formula without a result": ("=8+2", "no result"),
}


@pytest.mark.parametrize("fault", WRONG_POINTS)
def test_points_that_are_none_are_told_of_with_their_cell(fault: str) -> None:
    value, says = WRONG_POINTS[fault]

    found = told(filled_in(0, C11=value, D13=value))

    assert [*found] == ["C11", "D13"]
    assert says in found["C11"]
    assert says in found["D13"]


def test_the_other_rows_are_read_all_the_same() -> None:
    draft = read(filled_in(70, C11="?"))

    assert [score.code for score in draft.scorecard] == [code for code in CODES if code != CODES[2]]
    assert {score.earned for score in draft.scorecard} == {70}


@pytest.mark.parametrize("written", ["NaN", "inf", "-inf", "1e999"])
def test_what_is_no_number_in_the_file_itself_is_told_of(written: str) -> None:
    right = filled_in(0, C11=4711)
    wrong = with_parts(right, {"xl/worksheets/sheet1.xml": ("<v>4711</v>", f"<v>{written}</v>")})

    assert [*told(wrong)] == ["C11"]


@pytest.mark.parametrize("result", ["<v>12</v>", "<v>12.0</v>", "<v>1.2E1</v>"])
def test_a_formula_counts_as_its_result(result: str) -> None:
    formula = filled_in(0, C11="=6+6")
    with_result = with_parts(formula, {"xl/worksheets/sheet1.xml": ("<f>6+6</f><v />", f"<f>6+6</f>{result}")})

    draft = read(with_result)

    assert draft.problems == ()
    assert draft.scorecard[2].earned == 12


def test_a_formula_that_failed_has_no_result() -> None:
    formula = filled_in(0, C11="=1/0")
    failed = with_parts(formula, {"xl/worksheets/sheet1.xml": ('<c r="C11"', '<c r="C11" t="e"')})
    failed = with_parts(failed, {"xl/worksheets/sheet1.xml": ("<f>1/0</f><v />", "<f>1/0</f><v>#DIV/0!</v>")})

    assert "no result" in told(failed)["C11"]


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
def test_text_that_begins_like_a_formula_is_told_of_and_not_given_back(text: str) -> None:
    workbook, sheet = opened()
    for row in ROWS:
        sheet[f"C{row}"] = 0
    cells = ["A10", "B11", "C12", "D13"]
    for cell in cells:
        sheet[cell].value = text
        sheet[cell].data_type = "s"

    found = told(saved(workbook))

    assert [*found] == ["A8", *cells]
    assert all("begins like a formula" in found[cell] for cell in cells)
    assert not [detail for detail in found.values() if text.strip() in detail]


def test_more_than_is_available_cannot_be_earned() -> None:
    assert told(filled_in(90, C10=101)) == {"C10": "101 of 100 points cannot be. Correct one of the two cells."}
    assert told(filled_in(90, D10=89)) == {"C10": "90 of 89 points cannot be. Correct one of the two cells."}


def test_an_element_that_does_not_apply_has_no_points() -> None:
    draft = read(filled_in(90, C10=0, D10=0))

    assert draft.problems == ()
    assert draft.scorecard[1] == Score(code=CODES[1], earned=0, available=0)


def test_something_must_be_available() -> None:
    nothing = {f"D{row}": 0 for row in ROWS}

    assert told(filled_in(0, **nothing)) == {f"D{TOTAL_ROW}": "At least one point must be available."}


def test_an_unknown_element_is_told_of_and_so_is_the_one_that_it_stands_for() -> None:
    found = told(filled_in(A10="hazard"))

    assert [*found] == ["A8", "A10"]
    assert "management, hazards" in found["A10"]
    assert "hazards" in found["A8"]


def test_an_element_that_stands_there_twice_is_told_of() -> None:
    found = told(filled_in(A10="management"))

    assert "A9" in found["A10"]
    assert "hazards" in found["A8"]
    assert read(filled_in(1, A10="management", C10=2)).scorecard[0].earned == 1


@pytest.mark.parametrize("code", [12, True, date(2026, 1, 1), "", "  ", "MANAGEMENT "])
def test_a_code_that_is_none_is_told_of(code: object) -> None:
    assert [*told(filled_in(A10=code))] == ["A8", "A10"]


def test_a_row_that_was_cleared_is_missing() -> None:
    cleared = dict.fromkeys(("A10", "B10", "C10", "D10"))

    assert told(filled_in(**cleared)) == {"A8": "The table below has no row for hazards."}


@pytest.mark.parametrize(
    ("cell", "value", "right"),
    [("B3", "secor-2025", "secor-2026"), ("B3", None, "secor-2026"), ("B4", "2025-01-01", "2026-01-01"), ("B4", 1, "")],
)
def test_the_template_of_another_tool_or_policy_is_told_of(cell: str, value: object, right: str) -> None:
    found = told(filled_in(**{cell: value}))

    assert [*found] == [cell]
    assert right in found[cell]
    assert "/v1/scorecard-template.xlsx?on=2026-01-01" in found[cell]


def test_a_program_may_take_the_policy_s_date_for_a_date() -> None:
    assert told(filled_in(B4=date(2026, 1, 1))) == {}


@pytest.mark.parametrize("cell", ["A8", "B8", "C8", "D8"])
def test_a_table_that_moved_is_not_guessed_at(cell: str) -> None:
    draft = read(filled_in(**{cell: "Something else"}))

    assert [problem.cell for problem in draft.problems] == [cell]
    assert draft.scorecard == ()


def test_any_other_workbook_is_told_how_it_should_begin() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = SHEET

    assert [*told(saved(workbook))] == ["B3", "B4", "A8", "B8", "C8", "D8"]


def _with_totals(earned: Value, available: Value) -> Sheet:
    """The sheet with its totals as some program worked them out; openpyxl works out none."""
    nothing: tuple[Value, ...] = ()
    rows: list[tuple[Value, ...]] = [
        nothing, nothing, ("", "secor-2026"), ("", "2026-01-01"), nothing, nothing, nothing, HEADINGS,
        *((code, "", 90.0, 100.0) for code in CODES),
        ("Total", "", earned, available),
    ]  # fmt: skip
    return Sheet(name=SHEET, rows=tuple(rows), merged=())


@pytest.mark.parametrize(
    ("earned", "available", "cells"),
    [
        (720.0, 800.0, []),
        ("", "", []),
        (719.0, 800.0, [f"C{TOTAL_ROW}"]),
        (720.0, 0.0, [f"D{TOTAL_ROW}"]),
        (720.5, 1e300, [f"C{TOTAL_ROW}", f"D{TOTAL_ROW}"]),
        ("720", float("nan"), [f"C{TOTAL_ROW}", f"D{TOTAL_ROW}"]),
        (Moment("2026-01-01"), 800.0, [f"C{TOTAL_ROW}"]),
    ],
)
def test_totals_are_worked_out_anew_and_must_agree(earned: Value, available: Value, cells: list[str]) -> None:
    draft = read_draft(_with_totals(earned, available), POLICY)

    assert [problem.cell for problem in draft.problems] == cells
    assert all("The rows above come to" in problem.detail for problem in draft.problems)
    assert len(draft.scorecard) == len(CODES)


@pytest.mark.parametrize(
    ("cells", "told_of"),
    [("A10:B10", "A10"), ("C9:C10", "C9"), ("B15:D16", "B15"), ("A7:F9", "A7"), ("D10:F10", "D10")],
)
def test_merged_cells_in_the_table_are_told_of(cells: str, told_of: str) -> None:
    workbook, sheet = opened()
    for row in ROWS:
        sheet[f"C{row}"] = 1
    sheet.merge_cells(cells)

    problems = [problem for problem in read(saved(workbook)).problems if "merged" in problem.detail]

    assert [problem.cell for problem in problems] == [told_of]


def test_merged_cells_beside_the_table_are_nobody_s_business() -> None:
    workbook, sheet = opened()
    for row in ROWS:
        sheet[f"C{row}"] = 1
    for cells in ("A1:F1", f"A{TOTAL_ROW + 2}:D{TOTAL_ROW + 5}", "E9:F10"):
        sheet.merge_cells(cells)

    assert told(saved(workbook)) == {}


def test_below_the_total_anybody_may_write_what_they_like() -> None:
    assert told(filled_in(A19="hazards", C19="=1", A20="- ask Robin", C20="twelve", D21=date(2026, 1, 1))) == {}


def test_hidden_sheets_are_passed_over() -> None:
    workbook, sheet = opened()
    for row in ROWS:
        sheet[f"C{row}"] = 55
    hidden = workbook.create_sheet("Old scores", 0)
    hidden["A1"] = "=1"
    hidden.sheet_state = "veryHidden"
    sheet.title = "Our scores"

    draft = read(saved(workbook))

    assert draft.problems == ()
    assert {score.earned for score in draft.scorecard} == {55}


def test_the_sheet_s_name_is_found_wherever_it_stands() -> None:
    workbook, sheet = opened()
    for row in ROWS:
        sheet[f"C{row}"] = 55
    workbook.create_sheet("Notes", 0)
    shouted = with_parts(saved(workbook), {"xl/workbook.xml": (f'name="{SHEET}"', f'name="{SHEET.upper()}"')})

    assert read(shouted).problems == ()


def test_so_many_rows_are_read_and_no_more() -> None:
    workbook, sheet = opened()
    for row in range(ROWS[0], MOST_ROWS + 50):
        sheet[f"A{row}"] = "x"

    found = told(saved(workbook))

    assert max(int(cell[1:]) for cell in found) == MOST_ROWS
    assert f"Only {MOST_ROWS} rows are read" in found[f"A{MOST_ROWS}"]
