"""Small real files of the kinds that only inspection needs: pictures of phones, Office files and what hides in them."""

import io
import struct
from zipfile import ZIP_DEFLATED, ZipFile

JPEG = "image/jpeg"
HEIC = "image/heic"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD = f"{DOCX}.main+xml"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
"""How an object of an older Office begins, and a file with a password."""


def jpeg(*, preview: bytes = b"", film: bytes = b"") -> bytes:
    """One grey dot; phones put a preview before the picture and a film behind it."""

    def segment(kind: int, data: bytes) -> bytes:
        return bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data

    one_code = bytes([1] + [0] * 15) + b"\x00"
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            segment(0xE1, b"Exif\x00\x00" + preview),
            segment(0xDB, b"\x00" + b"\x01" * 64),
            segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00"),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x3f\xff\xd9",
            film,
        ]
    )


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def heic(brand: bytes = b"heic", others: bytes = b"mif1heic") -> bytes:
    """The boxes of a picture as a phone writes it, with hardly anything in them."""
    handler = box(b"hdlr", b"\x00" * 8 + b"pict" + b"\x00" * 13)
    return box(b"ftyp", brand + b"\x00" * 4 + others) + box(b"meta", b"\x00" * 4 + handler) + box(b"mdat", b"\x00" * 40)


def archive_of(files: dict[str, bytes | str]) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written.getvalue()


def content_types(*names: str) -> str:
    overrides = "".join(f'<Override PartName="/part{i}" ContentType="{name}"/>' for i, name in enumerate(names))
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="{types}">{overrides}</Types>'


def docx(more: dict[str, bytes | str] | None = None, *types: str) -> bytes:
    """A letter of one word; with more files in it, and more content types."""
    document = "<w:document><w:body><w:p><w:r><w:t>Policy</w:t></w:r></w:p></w:body></w:document>"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(WORD, *types),
        "_rels/.rels": "<Relationships/>",
        "word/document.xml": document,
    }
    return archive_of(parts | (more or {}))


def pdf_with_password() -> bytes:
    body = b"%PDF-1.6\n1 0 obj <</Type /Catalog>> endobj\n2 0 obj <</Filter /Standard /V 4 /R 4>> endobj\n"
    xref = b"xref\n0 1\n0000000000 65535 f \ntrailer <</Size 3 /Root 1 0 R /Encrypt 2 0 R>>\n"
    return body + xref + b"startxref\n%d\n%%%%EOF\n" % len(body)
