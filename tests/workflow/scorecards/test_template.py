"""The template: a pleasure to fill in, made of the policy, and what it works out is what the service works out."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from secor_workflow.domain.guards.review import failed_elements
from secor_workflow.domain.values import Score, total
from secor_workflow.scorecards.instructions import INSTRUCTIONS
from secor_workflow.scorecards.layout import HEADINGS
from secor_workflow.scorecards.template import template
from workflow.scorecards.filling import CODES, POLICY, ROWS, TOTAL_ROW, filled_in, opened, told
from workflow.scorecards.working_out import worked_out

MARKS = POLICY.numbers


def test_it_opens_on_the_scorecard_and_says_how_to_fill_it_in() -> None:
    workbook, sheet = opened()

    assert workbook.sheetnames == ["Scorecard", INSTRUCTIONS]
    assert workbook.active == sheet
    words = " ".join(str(row[0]) for row in workbook[INSTRUCTIONS].values)
    assert "80 % of all points" in words
    assert "50 % of the points of each element" in words


def test_elements_titles_and_points_are_the_policy_s() -> None:
    _, sheet = opened()

    assert tuple(cell.value for cell in sheet[8]) == HEADINGS
    for row, element in zip(ROWS, POLICY.elements, strict=True):
        assert [sheet.cell(row, column).value for column in (1, 2, 3, 4)] == [
            element.code, element.title, None, element.points,
        ]  # fmt: skip


def test_the_tool_the_policy_and_the_pass_marks_stand_at_the_top() -> None:
    _, sheet = opened()

    assert (sheet["B3"].value, sheet["B4"].value) == ("secor-2026", "2026-01-01")
    assert (sheet["B5"].value, sheet["B6"].value) == (50, 80)


def test_only_what_is_to_be_filled_in_is_unlocked_and_it_is_marked() -> None:
    _, sheet = opened()
    unlocked = {cell.coordinate for row in sheet for cell in row if not cell.protection.locked}

    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert unlocked == {f"{column}{row}" for column in "CD" for row in ROWS}
    marks = {sheet[cell].fill.fgColor.rgb for cell in unlocked}
    assert len(marks) == 1
    assert all(sheet[f"{column}{row}"].fill.fgColor.rgb not in marks for column in "AB" for row in ROWS)


def test_it_takes_whole_points_alone_and_never_more_than_are_available() -> None:
    _, sheet = opened()
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}

    for row in ROWS:
        earned, available = rules[f"C{row}"], rules[f"D{row}"]
        assert (earned.type, earned.formula1, earned.formula2) == ("whole", "0", f"D{row}")
        assert (available.type, available.formula1) == ("whole", "0")


def test_as_it_comes_it_shows_no_result_yet() -> None:
    shown = load_workbook(BytesIO(template(POLICY)), data_only=True)["Scorecard"]

    assert [shown[f"{column}{TOTAL_ROW}"].value for column in "CD"] == [0, 100 * len(CODES)]
    assert {shown[f"F{row}"].value for row in (*ROWS, TOTAL_ROW)} <= {None, ""}


def test_an_empty_template_is_told_of_cell_by_cell() -> None:
    assert {*told(template(POLICY))} == {f"C{row}" for row in ROWS}


points = st.integers(0, 120)
scores = st.lists(st.tuples(points, points).map(sorted), min_size=len(CODES), max_size=len(CODES))


@settings(max_examples=40, deadline=None)
@for_all(scores)
def test_its_formulas_come_to_what_the_service_works_out(filled: list[list[int]]) -> None:
    _, sheet = opened()
    card = tuple(
        Score(code=code, earned=earned, available=available)
        for code, (earned, available) in zip(CODES, filled, strict=True)
    )
    for row, score in zip(ROWS, card, strict=True):
        sheet[f"C{row}"], sheet[f"D{row}"] = score.earned, score.available
    together, below = total(card), failed_elements(card, MARKS.element_pass_percent.value)

    assert worked_out(sheet, f"C{TOTAL_ROW}") == together.earned
    assert worked_out(sheet, f"D{TOTAL_ROW}") == together.available
    for row, score in zip(ROWS, card, strict=True):
        assert worked_out(sheet, f"F{row}") == ("no" if score.code in below else "yes")
        if score.available:
            assert worked_out(sheet, f"E{row}") == score.earned * 1000 // score.available / 1000
    passes = together.reaches(MARKS.overall_pass_percent.value) and not below
    assert worked_out(sheet, f"F{TOTAL_ROW}") == ("yes" if passes else "no")


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", "{=1}", "https://example.com", "12"])
def test_a_title_is_text_whatever_it_looks_like(title: str) -> None:
    first, *others = POLICY.elements
    policy = replace(POLICY, elements=(replace(first, title=title), *others))
    _, sheet = opened(policy)

    assert (sheet[f"B{ROWS[0]}"].value, sheet[f"B{ROWS[0]}"].data_type) == (title, "s")
    assert sheet[f"B{ROWS[0]}"].hyperlink is None


def test_another_policy_makes_another_template() -> None:
    fewer = replace(POLICY, elements=POLICY.elements[:3])
    _, sheet = opened(fewer)

    assert sheet["A12"].value == "Total"
    assert sheet["C12"].value == "=SUM(C9:C11)"
    assert told(filled_in(90, fewer), fewer) == {}


def test_the_same_policy_makes_the_same_bytes() -> None:
    assert template(POLICY) == template(POLICY)
