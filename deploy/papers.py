"""Small real files for the demo, as an employer would have them: the audit as a PDF, the scorecard as a spreadsheet."""

import io
from collections.abc import Sequence

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # the library has no annotations

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def audit_tool(*lines: str) -> bytes:
    """One page with these lines."""
    shown = "".join(f"({line}) Tj T*\n" for line in lines)  # the demo's own words: no parentheses to mask
    text = f"BT /F1 12 Tf 72 770 Td 16 TL\n{shown}ET".encode("latin-1", "replace")
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(text), text),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
    ]
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, table)
    return bytes(written)


def scorecard(rows: Sequence[tuple[str, int, int]]) -> bytes:
    """Code, earned and available points, a row each, with their total."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Scorecard")
        sheet.write_row(0, 0, ("Element", "Earned", "Available"))
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
        last = len(rows) + 1
        sheet.write_row(last, 0, ("Total", f"=SUM(B2:B{last})", f"=SUM(C2:C{last})"))
    return written.getvalue()
