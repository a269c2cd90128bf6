"""Works out the template's formulas as a spreadsheet program would: just as much as the template needs."""

import math
import re
from collections.abc import Mapping

from openpyxl.worksheet.worksheet import Worksheet

Figure = float | str
FUNCTIONS = {
    "IF": lambda condition, then, other: then if condition else other,
    "OR": lambda *conditions: any(conditions),
    "AND": lambda *conditions: all(conditions),
    "SUM": sum,
    "COUNT": lambda cells: sum(not isinstance(cell, str) for cell in cells),
    "COUNTIF": lambda cells, wanted: sum(cell == wanted for cell in cells),
    "ROUNDDOWN": lambda number, digits: math.floor(number * 10**digits) / 10**digits,
    "DIVIDE": lambda one, other: one / other if other else 0.0,  # both ways of an IF are worked out here
}
_CELL = r"\$?([A-F])\$?(\d+)"
_TRANSLATIONS = (
    (rf"{_CELL}/{_CELL}", r"DIVIDE(at('\1\2'),at('\3\4'))"),
    (rf"{_CELL}:{_CELL}", r"within('\1\2','\3\4')"),
    (rf"(?<!['\w]){_CELL}(?!['\w(])", r"at('\1\2')"),
    (r"(?<![<>=])=(?!=)", "=="),
)


def worked_out(sheet: Worksheet, cell: str) -> Figure:
    """What the cell shows. Every cell that its formula names must be filled in."""
    value = sheet[cell].value
    if not isinstance(value, str) or not value.startswith("="):
        assert isinstance(value, int | float | str), f"{cell} is empty"
        return value
    formula = value[1:]
    for pattern, translation in _TRANSLATIONS:
        formula = re.sub(pattern, translation, formula)

    def at(other: str) -> Figure:
        return worked_out(sheet, other)

    def within(first: str, last: str) -> list[Figure]:
        return [worked_out(sheet, str(one.coordinate)) for row in sheet[f"{first}:{last}"] for one in row]

    known: Mapping[str, object] = {**FUNCTIONS, "at": at, "within": within, "__builtins__": {}}
    shown: Figure = eval(formula, dict(known))  # noqa: S307 (a formula of our own template)
    return shown
