"""One sheet of a workbook from outside, read in a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass

SHEET_READER = f"{__package__}.sheet_reader"
"""The program. It is named, not imported: only there is the library that reads workbooks of any use."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time in a cell, as text."""

    text: str


Value = str | float | bool | Moment
"""What a cell holds; an empty one holds an empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str
    rows: tuple[tuple[Value, ...], ...]
    """From the first row on, as many as were asked for."""
    merged: tuple[tuple[int, int, int, int], ...]
    """First row and column, last row and column of each merged range, counted from 0."""


class UnreadableWorkbook(Exception):  # noqa: N818 (an answer, not a fault)
    """It is damaged, no sheet of it can be seen, or it takes far more room or time than it should."""


def read_sheet(content: bytes, name: str, *, rows: int, columns: int, seconds: float) -> Sheet:
    """The first rows and columns of the visible sheet of that name, else of the first visible one.

    Raises UnreadableWorkbook, and TimeoutExpired if so many seconds were not enough, as on a busy machine.
    """
    program = [sys.executable, "-P", "-m", SHEET_READER, name, str(rows), str(columns)]
    done = subprocess.run(  # noqa: S603 (our own program)
        program, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise UnreadableWorkbook
    told = json.loads(done.stdout)
    return Sheet(
        name=told["name"],
        rows=tuple(
            tuple(Moment(*value) if isinstance(value, list) else value for value in row) for row in told["rows"]
        ),
        merged=tuple((top, left, bottom, right) for top, left, bottom, right in told["merged"]),
    )
