"""The empty scorecard: an .xlsx workbook whose elements, points and pass marks come from the policy."""

from datetime import datetime, time
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # the library has no annotations
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # see above
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # see above

from secor_workflow.domain.policy import Element, Policy
from secor_workflow.domain.values import MOST_POINTS
from secor_workflow.scorecards import layout as at
from secor_workflow.scorecards.instructions import INSTRUCTIONS, instructions

_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "hint": {"italic": True},
    "pinned": {"bold": True, "align": "left"},
    "mark": {"bold": True, "align": "left", "num_format": '0"%"'},
    "heading": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E2EC", "border": 1},
    "cell": {"border": 1},
    "input": {"border": 1, "bg_color": "#FFF8C6", "locked": False},
    "percent": {"border": 1, "num_format": "0.0%", "align": "right"},
    "reaches": {"border": 1, "align": "center"},
    "total": {"bold": True, "border": 1, "top": 2},
    "total_percent": {"bold": True, "border": 1, "top": 2, "num_format": "0.0%", "align": "right"},
    "total_reaches": {"bold": True, "border": 1, "top": 2, "align": "center"},
    "below": {"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "prose": {"text_wrap": True, "valign": "top"},
}
_WIDTHS = (30, 44, 12, 12, 12, 14)


def template(policy: Policy) -> bytes:
    """The workbook, ready to be filled in; the same bytes for the same policy."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        workbook.set_properties(
            {
                "title": f"SECOR scorecard, {policy.audit_tool_version.value}",
                "created": datetime.combine(policy.effective_from, time()),
            }
        )
        looks = {name: workbook.add_format(look) for name, look in _LOOKS.items()}
        _write_scorecard(workbook.add_worksheet(at.SHEET), policy, looks)
        _write_instructions(workbook.add_worksheet(INSTRUCTIONS), policy, looks)
    return file.getvalue()


def _write_scorecard(sheet: Worksheet, policy: Policy, looks: dict[str, Format]) -> None:
    _write_top(sheet, policy, looks)
    for column, heading, width in zip(at.COLUMNS, at.HEADINGS, _WIDTHS, strict=True):
        sheet.write_string(f"{column}{at.HEADING_ROW}", heading, looks["heading"])
        sheet.set_column(f"{column}:{column}", width)
    rows = range(at.FIRST_ROW, at.FIRST_ROW + len(policy.elements))
    for row, element in zip(rows, policy.elements, strict=True):
        _write_element(sheet, row, element, looks)
    _write_total(sheet, rows, sum(element.points for element in policy.elements), looks)
    sheet.conditional_format(
        f"{at.REACHES}{rows[0]}:{at.REACHES}{rows[-1] + 1}",
        {"type": "cell", "criteria": "==", "value": '"no"', "format": looks["below"]},
    )
    sheet.protect()  # without a password: it keeps from slips, and whoever wants to can take it off
    sheet.freeze_panes(at.HEADING_ROW, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_selection(f"{at.EARNED}{at.FIRST_ROW}")


def _write_top(sheet: Worksheet, policy: Policy, looks: dict[str, Format]) -> None:
    sheet.write_string("A1", "SECOR scorecard", looks["title"])
    sheet.write_string("A2", f"Fill in the yellow cells; all else is worked out. See “{INSTRUCTIONS}”.", looks["hint"])
    for cell, label in (
        (at.TOOL_CELL, "Audit tool"),
        (at.POLICY_CELL, "Policy in force from"),
        (at.ELEMENT_MARK_CELL, "Each element needs at least"),
        (at.OVERALL_MARK_CELL, "All together need at least"),
    ):
        sheet.write_string(f"A{cell[1:]}", label)
    sheet.write_string(at.TOOL_CELL, policy.audit_tool_version.value, looks["pinned"])
    sheet.write_string(at.POLICY_CELL, policy.version, looks["pinned"])
    sheet.write_number(at.ELEMENT_MARK_CELL, policy.numbers.element_pass_percent.value, looks["mark"])
    sheet.write_number(at.OVERALL_MARK_CELL, policy.numbers.overall_pass_percent.value, looks["mark"])


def _write_element(sheet: Worksheet, row: int, element: Element, looks: dict[str, Format]) -> None:
    earned, available = f"{at.EARNED}{row}", f"{at.AVAILABLE}{row}"
    sheet.write_string(f"{at.CODE}{row}", element.code, looks["cell"])
    sheet.write_string(f"{at.TITLE}{row}", element.title, looks["cell"])
    sheet.write_blank(earned, None, looks["input"])
    sheet.write_number(available, element.points, looks["input"])
    sheet.write_formula(f"{at.PERCENT}{row}", _percent(row), looks["percent"], "")
    sheet.write_formula(
        f"{at.REACHES}{row}",
        f'=IF(OR({earned}="",{available}=""),"",IF({earned}*100>={available}*{_fixed(at.ELEMENT_MARK_CELL)},"yes","no"))',
        looks["reaches"],
        "",
    )
    sheet.data_validation(earned, _whole_number(f"={available}", f"Points are whole numbers, at most {available}."))
    sheet.data_validation(available, _whole_number(MOST_POINTS, "Points are whole numbers, 0 or more."))


def _write_total(sheet: Worksheet, rows: range, available: int, looks: dict[str, Format]) -> None:
    row = rows[-1] + 1
    sheet.write_string(f"{at.CODE}{row}", at.TOTAL, looks["total"])
    sheet.write_blank(f"{at.TITLE}{row}", None, looks["total"])
    for column, now in ((at.EARNED, 0), (at.AVAILABLE, available)):
        sheet.write_formula(f"{column}{row}", f"=SUM({column}{rows[0]}:{column}{rows[-1]})", looks["total"], now)
    sheet.write_formula(f"{at.PERCENT}{row}", _percent(row), looks["total_percent"], 0)
    filled_in = f"COUNT({at.EARNED}{rows[0]}:{at.AVAILABLE}{rows[-1]})"
    all_together = f"{at.EARNED}{row}*100>={at.AVAILABLE}{row}*{_fixed(at.OVERALL_MARK_CELL)}"
    each = f'COUNTIF({at.REACHES}{rows[0]}:{at.REACHES}{rows[-1]},"no")=0'
    sheet.write_formula(
        f"{at.REACHES}{row}",
        f'=IF({filled_in}<{2 * len(rows)},"",IF(AND({all_together},{each}),"yes","no"))',
        looks["total_reaches"],
        "",
    )


def _write_instructions(sheet: Worksheet, policy: Policy, looks: dict[str, Format]) -> None:
    sheet.set_column("A:A", 100)
    heading, *lines = instructions(policy)
    sheet.write_string("A1", heading, looks["title"])
    for row, line in enumerate(lines, start=3):
        sheet.write_string(f"A{row}", line, looks["prose"])
    sheet.protect()


def _percent(row: int) -> str:
    """Rounded down, so that a mark is never shown which is not reached."""
    earned, available = f"{at.EARNED}{row}", f"{at.AVAILABLE}{row}"
    return f'=IF(OR({earned}="",{available}=""),"",IF({available}=0,"n/a",ROUNDDOWN({earned}/{available},3)))'


def _fixed(cell: str) -> str:
    """As a formula refers to a cell that does not move with the row."""
    return f"${cell[0]}${cell[1:]}"


def _whole_number(most: int | str, says: str) -> dict[str, Any]:
    return {
        "validate": "integer",
        "criteria": "between",
        "minimum": 0,
        "maximum": most,
        "error_title": "Points",
        "error_message": says,
    }
