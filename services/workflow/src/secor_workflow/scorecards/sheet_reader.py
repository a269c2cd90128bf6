"""A program that reads one sheet of a workbook from its standard input, and ends.

The library makes room for as many cells and texts as a file claims to have, and a false claim ends the whole process.
So that process is this one, which has nothing to lose: little memory, little time, and no part in any request.
"""

import json
import sys
from datetime import date, time, timedelta
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MOST_MEMORY = 512 * 1024 * 1024
MOST_SECONDS = 5
LONGEST_TEXT = 200
MOST_MERGED = 100


def main() -> None:
    """`sheet_reader NAME ROWS COLUMNS`: so much of the visible sheet of that name, else of the first, as JSON."""
    live_modestly()
    name, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        told = read(sys.stdin.buffer.read(), name, rows, columns)
    except (CalamineError, OSError, ValueError):
        sys.exit(1)
    json.dump(told, sys.stdout)


def live_modestly() -> None:
    """Ask the system to end us before we take more than our share. Windows has no such thing."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 (see above)

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(content: bytes, name: str, rows: int, columns: int) -> dict[str, Any]:
    """The sheet's name, its first rows and columns, and the cells that are merged there."""
    with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
        visible = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if (sheet.visible, sheet.typ) == (SheetVisibleEnum.Visible, SheetTypeEnum.WorkSheet)
        ]
        chosen = next((one for one in visible if one.casefold() == name.casefold()), visible[0] if visible else "")
        sheet = workbook.get_sheet_by_name(chosen)
        merged = [
            (*first, *last) for first, last in sheet.merged_cell_ranges or () if first[0] < rows and first[1] < columns
        ]
        return {
            "name": chosen[:LONGEST_TEXT],
            "rows": [
                [_plain(value) for value in row[:columns]] for row in sheet.to_python(skip_empty_area=False, nrows=rows)
            ],
            "merged": merged[:MOST_MERGED],
        }


def _plain(value: object) -> object:
    """As JSON can say it: a date or time is a list of one text."""
    if isinstance(value, date | time | timedelta):
        return [str(value)]
    return value[:LONGEST_TEXT] if isinstance(value, str) else value


if __name__ == "__main__":
    main()
