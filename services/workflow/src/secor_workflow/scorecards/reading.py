"""A filled-in scorecard, read cell by cell: the scores as a draft, and everything that needs another look."""

from collections.abc import Iterator
from dataclasses import dataclass

from secor_workflow.domain.policy import Policy
from secor_workflow.domain.refusal import listed
from secor_workflow.domain.values import Score
from secor_workflow.scorecards import layout as at
from secor_workflow.scorecards.points import Points, begins_like_a_formula, points
from secor_workflow.scorecards.sheet import Moment, Sheet, Value

MOST_ROWS = 200
"""So many rows are read at most."""

_MERGED = "This cell is merged with others, so that it is not clear what stands where; take the merge away."
_LIKE_A_FORMULA = "This text begins like a formula; write the text of the template, without the sign before it."


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProblem:
    """What is wrong with one cell, and what to do."""

    sheet: str
    cell: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a scorecard says: the rows that could be read, and a problem for each cell that needs another look."""

    scorecard: tuple[Score, ...]
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    code: str
    title: Value
    earned: Points
    available: Points

    @property
    def score(self) -> Score | None:
        """Its points, if they can be."""
        earned, available = self.earned, self.available
        if isinstance(earned, str) or isinstance(available, str) or earned > available:
            return None
        return Score(code=self.code, earned=earned, available=available)


Found = Iterator[tuple[str, str]]
"""Cells, and what is wrong with them."""


def read_draft(sheet: Sheet, policy: Policy) -> Draft:
    """The scores, held to the policy under which the case is audited."""
    misplaced = [*_headings(sheet)]
    rows, ends = ([], None) if misplaced else _table(sheet)
    found = [*_edition(sheet, policy), *misplaced, *_merges(sheet, ends)]
    if not misplaced:
        found += [*_codes(rows, policy), *_cells(rows), *_sums(sheet, rows, ends)]
    known = {row.code: row for row in reversed(rows) if row.code in policy.element_titles}
    scores = [known[code].score for code in policy.element_titles if code in known]
    return Draft(
        scorecard=tuple(score for score in scores if score),
        problems=tuple(
            CellProblem(sheet=sheet.name, cell=cell, detail=detail)
            for cell, detail in sorted(found, key=lambda told: (int(told[0][1:]), told[0][0]))
        ),
    )


def _edition(sheet: Sheet, policy: Policy) -> Found:
    """The audit tool and the policy that the template was made for are those of the case."""
    anew = f"Download its template: /v1/scorecard-template.xlsx?on={policy.version}"
    for cell, right, what in (
        (at.TOOL_CELL, policy.audit_tool_version.value, "audit tool"),
        (at.POLICY_CELL, policy.version, "policy"),
    ):
        if _text(_value(sheet, cell[0], int(cell[1:]))) != right:
            yield cell, f"Here should stand {right}, the {what} by which this case is audited. {anew}"


def _headings(sheet: Sheet) -> Found:
    for column, heading in zip(at.READ, at.HEADINGS, strict=False):
        if _text(_value(sheet, column, at.HEADING_ROW)).casefold() != heading.casefold():
            yield f"{column}{at.HEADING_ROW}", f"Here should stand “{heading}”. Fill in the template as it is."


def _table(sheet: Sheet) -> tuple[list[_Row], int | None]:
    """The rows in which anything stands, and the number of the row that ends the table, if one does."""
    rows: list[_Row] = []
    for number in range(at.FIRST_ROW, len(sheet.rows) + 1):
        code, title, earned, available = (_value(sheet, column, number) for column in at.READ)
        if _text(code).casefold() == at.TOTAL.casefold():
            return rows, number
        if any(_text(value) for value in (code, earned, available)):
            rows.append(_Row(number, _text(code), title, points(earned), points(available)))
    return rows, None


def _merges(sheet: Sheet, ends: int | None) -> Found:
    for top, left, bottom, _right in sheet.merged:
        if bottom + 1 >= at.HEADING_ROW and top + 1 <= (ends or MOST_ROWS) and left < len(at.READ):
            yield f"{at.COLUMNS[left]}{top + 1}", _MERGED


def _codes(rows: list[_Row], policy: Policy) -> Found:
    """Every element of the policy stands in one row, and nothing else does."""
    first: dict[str, str] = {}
    for row in rows:
        cell = f"{at.CODE}{row.number}"
        if begins_like_a_formula(row.code):
            yield cell, _LIKE_A_FORMULA
        elif row.code not in policy.element_titles:
            yield cell, f"There is no such element; the codes are {listed(policy.element_titles)}."
        elif row.code in first:
            yield cell, f"{row.code} stands here twice; it is in {first[row.code]} already. Delete one."
        first.setdefault(row.code, cell)
    if missing := [code for code in policy.element_titles if code not in first]:
        yield f"{at.CODE}{at.HEADING_ROW}", f"The table below has no row for {listed(missing)}."


def _cells(rows: list[_Row]) -> Found:
    for row in rows:
        if isinstance(row.title, str) and begins_like_a_formula(row.title):
            yield f"{at.TITLE}{row.number}", _LIKE_A_FORMULA
        for column, value in ((at.EARNED, row.earned), (at.AVAILABLE, row.available)):
            if isinstance(value, str):
                yield f"{column}{row.number}", value
        if isinstance(row.earned, int) and isinstance(row.available, int) and row.earned > row.available:
            yield (
                f"{at.EARNED}{row.number}",
                f"{row.earned} of {row.available} points cannot be. Correct one of the two cells.",
            )


def _sums(sheet: Sheet, rows: list[_Row], ends: int | None) -> Found:
    """What the table says of its own sums is so. A program that works out no formulas leaves these cells empty."""
    for column, values in ((at.EARNED, [r.earned for r in rows]), (at.AVAILABLE, [r.available for r in rows])):
        figures = [value for value in values if isinstance(value, int)]
        told_already = len(figures) < len(values)
        if ends and not told_already and _value(sheet, column, ends) not in {"", sum(figures)}:
            yield f"{column}{ends}", f"The rows above come to {sum(figures)}. Let the sheet work out its totals again."
    if rows and not any(row.available for row in rows):
        yield f"{at.AVAILABLE}{ends or at.HEADING_ROW}", "At least one point must be available."
    if ends is None and len(sheet.rows) == MOST_ROWS:
        yield f"{at.CODE}{MOST_ROWS}", f"Only {MOST_ROWS} rows are read; end the table with “{at.TOTAL}” before that."


def _value(sheet: Sheet, column: str, number: int) -> Value:
    """What stands in a cell; nothing where the sheet has none."""
    row = sheet.rows[number - 1] if number <= len(sheet.rows) else ()
    place = at.COLUMNS.index(column)
    return row[place] if place < len(row) else ""


def _text(value: Value) -> str:
    """A cell's value as text without what surrounds it."""
    return (value.text if isinstance(value, Moment) else str(value)).strip()
