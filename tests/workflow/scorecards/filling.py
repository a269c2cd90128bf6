"""Fills in the template as a person with a spreadsheet program would, sensibly or not."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from secor_workflow.domain.policy import Policy
from secor_workflow.scorecards.layout import COLUMNS, FIRST_ROW, SHEET
from secor_workflow.scorecards.reading import MOST_ROWS, Draft, read_draft
from secor_workflow.scorecards.sheet import read_sheet
from secor_workflow.scorecards.template import template
from workflow.specification import POLICIES, TODAY

POLICY = POLICIES.on(TODAY)
CODES = tuple(POLICY.element_titles)
ROWS = range(FIRST_ROW, FIRST_ROW + len(CODES))
TOTAL_ROW = ROWS[-1] + 1


def opened(policy: Policy = POLICY) -> tuple[Workbook, Worksheet]:
    """The template as openpyxl sees it."""
    workbook = load_workbook(BytesIO(template(policy)))
    return workbook, workbook[SHEET]


def saved(workbook: Workbook) -> bytes:
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def filled_in(earned: int = 90, policy: Policy = POLICY, /, **cells: Any) -> bytes:  # noqa: ANN401 (all that a cell takes)
    """Every element with so many points, but for the cells that are named."""
    workbook, sheet = opened(policy)
    for row in range(FIRST_ROW, FIRST_ROW + len(policy.elements)):
        sheet[f"C{row}"] = earned
    for cell, value in cells.items():
        sheet[cell] = value
    return saved(workbook)


def with_parts(workbook: bytes, changes: Mapping[str, tuple[str, str]]) -> bytes:
    """The same file, but in each part named one text replaced by another, or the part added if it is not there."""
    file = BytesIO()
    with ZipFile(BytesIO(workbook)) as before, ZipFile(file, "w") as after:
        for name in before.namelist():
            part = before.read(name).decode()
            old, new = changes.get(name, ("", ""))
            assert old in part
            after.writestr(name, part.replace(old, new, 1))
    return file.getvalue()


def read(workbook: bytes, policy: Policy = POLICY) -> Draft:
    sheet = read_sheet(workbook, SHEET, rows=MOST_ROWS, columns=len(COLUMNS), seconds=30)
    return read_draft(sheet, policy)


def told(workbook: bytes, policy: Policy = POLICY) -> dict[str, str]:
    """What is said of each cell that needs another look."""
    problems = read(workbook, policy).problems
    assert {problem.sheet for problem in problems} <= {SHEET}
    return {
        cell: " ".join(problem.detail for problem in problems if problem.cell == cell)
        for cell in dict.fromkeys(problem.cell for problem in problems)
    }
