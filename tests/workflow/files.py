"""Small real files, as an employer would hand them in; other words make other bytes."""

import io
import struct
import zlib
from functools import cache

from openpyxl import Workbook

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG = "image/png"


def pdf(words: str = "An audit.", size: int = 0) -> bytes:
    """One empty page, with the words in a comment; padded to a size if one is given."""
    head = f"""%PDF-1.4
% {words}
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj
""".encode()
    tail = b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    return head + b"%" * (size - len(head) - len(tail)) + tail


@cache
def xlsx(*rows: tuple[str | int, ...]) -> bytes:
    """A workbook of one sheet; the same rows give the same bytes while the tests run."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows or (("element", "earned"),):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def png(grey: int = 0) -> bytes:
    """One dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dots = zlib.compress(bytes([0, grey]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")
