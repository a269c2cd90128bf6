"""Files that are no scorecard: broken, of another kind, or made to do harm."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from workflow.scorecards.filling import filled_in, with_parts

SHEET_PART = "xl/worksheets/sheet1.xml"
XLSX_PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def archive(**parts: bytes) -> bytes:
    """Just these parts, packed; `__` stands for a slash."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped:
        for name, part in parts.items():
            zipped.writestr(name.replace("__", "/"), part)
    return file.getvalue()


def with_cell(reference: str) -> bytes:
    """A scorecard with one more cell, wherever it lies."""
    row = re.sub("[A-Z]", "", reference)
    more = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'
    return with_parts(filled_in(), {SHEET_PART: ("</sheetData>", more)})


def with_text_count(count: int) -> bytes:
    """A scorecard that claims to hold so many different texts."""
    texts = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="{count}"></sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    right = filled_in()
    file = BytesIO()
    with ZipFile(BytesIO(right)) as before, ZipFile(file, "w") as after:
        for name in before.namelist():
            part = before.read(name).decode()
            if name == "[Content_Types].xml":
                override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
                part = part.replace("</Types>", override)
            if name == "xl/_rels/workbook.xml.rels":
                related = f'<Relationship Id="rId99" Type="{relation}" Target="sharedStrings.xml"/></Relationships>'
                part = part.replace("</Relationships>", related)
            after.writestr(name, part)
        after.writestr("xl/sharedStrings.xml", texts)
    return file.getvalue()


def zip_bomb() -> bytes:
    """A sheet of 30 MiB in as little as deflate makes of it."""
    file = BytesIO()
    with ZipFile(BytesIO(filled_in())) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
        with after.open("xl/worksheets/sheet9.xml", "w") as part:
            for _ in range(30):
                part.write(b" " * 1024 * 1024)
    return file.getvalue()


def with_macros() -> bytes:
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    return with_parts(filled_in(), {"[Content_Types].xml": (XLSX_PARTS, kind)})


TO_KILL = {
    "a cell in the last corner": with_cell("XFD1048576"),
    "a cell beyond all corners": with_cell("A99999999999"),
    "more texts than memory": with_text_count(2**32 - 1),
    "more texts than can be counted": with_text_count(2**63),
}
"""Each of these ends the process that reads it, or fills its memory."""

NO_SCORECARD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty_file"),
    "garbage": (b"\x00\xff" * 500, "media_type_not_allowed"),
    "text": (b"code,earned,available\nhazards,90,100\n", "media_type_not_allowed"),
    "a web page that calls itself one": (b"<html><table><tr><td>90</td></tr></table></html>", "media_type_not_allowed"),
    "an .xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "media_type_not_allowed"),
    "an .ods": (
        archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content__xml=b"<x/>"),
        "media_type_not_allowed",
    ),
    "another archive": (archive(**{"readme.txt": b"Hello."}), "media_type_not_allowed"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "file_damaged"),
    "cut off": (filled_in()[:-300], "file_damaged"),
    "without its directory": (filled_in()[:2000], "file_damaged"),
    "with macros": (with_macros(), "macros_not_allowed"),
    "a zip bomb": (zip_bomb(), "archive_too_large"),
    "a workbook in name alone": (
        archive(**{"[Content_Types].xml": f'<Types><Override ContentType="{XLSX_PARTS}"/></Types>'.encode()}),
        "unreadable_workbook",
    ),
    **{name: (workbook, "unreadable_workbook") for name, workbook in TO_KILL.items()},
}
"""What each is refused as."""
