"""Whether a PDF or a picture is there to its end, and open to everybody: each kind of file says where it ends."""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from secor_workflow.documents.unfit import UnfitFile, damaged

_TAIL = 2048
"""Some programs write a little behind the end."""
_MAX_PARTS = 5000
"""More than any picture has: a file made of nothing but tiny parts is not looked through."""
_CHUNK = 64 * 1024

_STARTXREF = re.compile(rb"startxref\s+(\d{1,12})\s")
_END_OF_TRAILER = re.compile(rb"startxref|stream\r?\n")
_ENCRYPT = re.compile(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)")
_MAX_TRAILER = 4 * 1024 * 1024

_IEND = b"IEND\xaeB`\x82"

_EOI, _SOS = b"\xff\xd9", 0xDA
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xDA)}

_BOX_HEAD = 8
_HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


def pdf(file: BinaryIO) -> None:
    """A PDF ends with %%EOF; its trailer tells whether it asks for a password or limits what may be done with it."""
    tail = _tail(file)
    if b"%%EOF" not in tail:
        raise damaged("The PDF is cut off before its end.")
    starts = _STARTXREF.findall(tail)
    if starts and _ENCRYPT.search(_trailer(file, int(starts[-1]))):
        raise UnfitFile(
            "media_type_not_allowed",
            "The PDF is protected, so it may not open for its readers in years to come. Save it without protection.",
        )


def _trailer(file: BinaryIO, start: int) -> bytes:
    file.seek(start)
    trailer = file.read(_MAX_TRAILER)
    end = _END_OF_TRAILER.search(trailer)
    return trailer[: end.start()] if end else trailer


def png(file: BinaryIO) -> None:
    """A PNG ends with the chunk IEND."""
    if _IEND not in _tail(file):
        raise damaged("The PNG is cut off before its end.")


def jpeg(file: BinaryIO) -> None:
    """A JPEG's picture ends with a mark of its own; phones put short films behind it, and previews before it."""
    file.seek(2)
    if not (_reaches_the_picture(file) and any(_EOI in piece for piece in _overlapping(file))):
        raise damaged("The JPEG is cut off before its end.")


def _reaches_the_picture(file: BinaryIO) -> bool:
    for _ in range(_MAX_PARTS):
        mark, kind = file.read(1), file.read(1)
        while kind == b"\xff":
            kind = file.read(1)
        if mark != b"\xff" or not kind:
            return False
        if kind[0] == _SOS:
            return True
        if kind[0] not in _WITHOUT_LENGTH:
            file.seek(max(int.from_bytes(file.read(2), "big"), 2) - 2, os.SEEK_CUR)
    return False


def _overlapping(file: BinaryIO) -> Iterator[bytes]:
    """The rest in pieces, each with the last byte of the one before."""
    last = b""
    while piece := file.read(_CHUNK):
        yield last + piece
        last = piece[-1:]


def is_heic(head: bytes) -> bool:
    """Whether a file's first box names a brand of HEIC pictures."""
    size = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, min(size, len(head)), 4))}
    return head[4:8] == b"ftyp" and bool(brands & _HEVC_BRANDS)


def heic(file: BinaryIO) -> None:
    """A HEIC is a row of boxes, each with its length; the last one ends where the file does."""
    length = file.seek(0, os.SEEK_END)
    at, kinds = 0, set()
    for _ in range(_MAX_PARTS):
        if at >= length:
            break
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:  # the true size follows, in eight bytes
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:  # the last box, to the end
            size = length - at
        if size < _BOX_HEAD:
            break
        kinds.add(head[4:8])
        at += size
    if at != length or b"meta" not in kinds:
        raise damaged("The HEIC is cut off before its end.")


def _tail(file: BinaryIO) -> bytes:
    length = file.seek(0, os.SEEK_END)
    file.seek(max(length - _TAIL, 0))
    return file.read()
