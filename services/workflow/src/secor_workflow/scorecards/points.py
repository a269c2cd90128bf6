"""Points as a cell holds them: a whole number, or the sentence that says why it is none.

Text is never taken for a number, not even "12": the sheet's own sums pass over it, so that who fills it in sees another
total than the one that would count.
"""

import math

from secor_workflow.domain.values import MOST_POINTS
from secor_workflow.scorecards.sheet import Moment, Value

Points = int | str
"""Points, or what is wrong with them."""


def points(value: Value) -> Points:
    """The points in a cell, or what to do about it."""
    match value:
        case bool():
            return "This is true or false; write the points as a number."
        case Moment():
            return "This cell is formatted as a date or time; format it as a number and write the points again."
        case str():
            return _of_text(value)
        case _:
            return _of_number(value)


def begins_like_a_formula(text: str) -> bool:
    """A spreadsheet that is handed this text may run it."""
    return text.strip().startswith(("=", "+", "-", "@"))


def _of_text(value: str) -> str:
    if not value.strip():
        return "This cell is empty, or its formula has no result. Write the points; 0 if none were earned."
    if begins_like_a_formula(value):
        return "This is text that begins like a formula; write the points as a number."
    return "This is text; format the cell as a number and write the points again."


def _of_number(value: float) -> Points:
    if not math.isfinite(value):
        return "This is not a number; write the points."
    if value < 0:
        return "Points cannot be negative; write 0 or more."
    if value != int(value):
        return "Points are whole numbers; write them without decimals."
    if value > MOST_POINTS:
        return f"An element has at most {MOST_POINTS} points."
    return int(value)
