"""Today's Office files are archives: what they are stands inside, and so does what they must not bring along."""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from secor_workflow.documents.unfit import COMPOUND, UnfitFile, damaged
from secor_workflow.domain.policy import DocumentRules

ZIP = "application/zip"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = {
    f"{_OFFICE}{kind}.main+xml": f"{_OFFICE}{kind}"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
}
"""What an Office file is, by the content type of its main part."""
_CONTENT_TYPES = "[Content_Types].xml"
_CONTENT_TYPE = re.compile(rb"""ContentType\s*=\s*["']([^"'<>]{1,200})["']""")
_PROGRAM_TYPES = re.compile(r"macroenabled|vbaproject|macrosheet|activex", re.IGNORECASE)
_PROGRAM_NAMES = re.compile(r"vbaproject[^/]*\.bin$|\.(exe|dll|com|scr|js|vbs|ps1|bat|cmd|jar|lnk|hta)$", re.IGNORECASE)

_ARCHIVE = b"PK\x03\x04"
_ENCRYPTED = 0x1
_CHUNK = 64 * 1024
_HARMLESS = 1024 * 1024
"""What unpacks to less is no bomb, however well it is packed."""
_DIRECTORY_ENTRY = 256
"""More bytes than an entry takes in the directory of an honest archive."""
_DEEPEST = 1
"""An Office file may hold another (a chart holds its workbook), but that one holds none."""


def media_type_inside(file: BinaryIO, rules: DocumentRules) -> str:
    """Look through an archive, all of it and within limits; says what it is as an Office file, else just ZIP.

    Raises UnfitFile: file_damaged, archive_too_large, macros_not_allowed, media_type_not_allowed.
    """
    with _as_damage():
        content_types = _look_through(file, _Budget(rules, file.seek(0, 2)), 0)
    mains = {_MAIN_PARTS[content_type] for content_type in content_types if content_type in _MAIN_PARTS}
    return mains.pop() if len(mains) == 1 else ZIP


class _Budget:
    """How much an archive may still hold and unpack to, with all that is inside it."""

    def __init__(self, rules: DocumentRules, packed: int) -> None:
        self.entries = rules.archive_max_entries.value
        self._bytes = min(rules.archive_max_bytes.value, max(_HARMLESS, packed * rules.archive_max_ratio.value))

    def take(self, entries: list[ZipInfo]) -> None:
        """Entries as the directory tells them; the reader unpacks none to more than that."""
        self.entries -= len(entries)
        self._bytes -= sum(entry.file_size for entry in entries)
        if self.entries < 0 or self._bytes < 0:
            raise _too_large()


class _Bounded:
    """A file of which an archive's reader gets no more at once than a directory within the limit needs."""

    def __init__(self, file: IO[bytes], entries: int) -> None:
        self._file, self._most = file, max(entries * _DIRECTORY_ENTRY, 2 * _CHUNK)
        self._end = file.seek(0, 2)
        self.tell, self.seekable = file.tell, file.seekable

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and not 0 <= offset <= self._end:  # far behind the end, some disks take it for a fault of theirs
            raise BadZipFile("its directory points out of it")
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size if 0 <= size <= self._most else self._most + 1)
        if len(data) > self._most:
            raise _too_large()
        return data


def _look_through(file: IO[bytes], budget: _Budget, depth: int) -> set[str]:
    """The content types that an archive names, once everything in it was looked at."""
    if depth > _DEEPEST:
        raise _too_large()
    with ZipFile(cast("IO[bytes]", _Bounded(file, budget.entries))) as archive:
        entries = archive.infolist()
        budget.take(entries)
        if len({entry.filename.casefold() for entry in entries}) < len(entries):
            raise damaged("Two files inside it have the same name.")
        for entry in entries:
            _look_at(archive, entry, budget, depth)
        content_types = _content_types(archive)
    if any(_PROGRAM_TYPES.search(content_type) for content_type in content_types):
        raise _macros()
    return content_types


def _look_at(archive: ZipFile, entry: ZipInfo, budget: _Budget, depth: int) -> None:
    """Unpack one entry, and hold it to its checksum; if it is an archive, look through that too."""
    if entry.flag_bits & _ENCRYPTED:
        raise UnfitFile("media_type_not_allowed", "It has a password. Save it without one, and hand that in.")
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise damaged("It is packed in a way that Office files are not.")
    if _PROGRAM_NAMES.search(entry.filename):
        raise _macros()
    with archive.open(entry) as part, SpooledTemporaryFile(max_size=_HARMLESS) as copy:
        beginning = part.read(_CHUNK)
        if beginning.startswith(COMPOUND):
            raise _macros()
        for piece in chain([beginning], iter(partial(part.read, _CHUNK), b"")):
            if beginning.startswith(_ARCHIVE):
                copy.write(piece)
        if beginning.startswith(_ARCHIVE):
            _look_through(copy, budget, depth + 1)


def _content_types(archive: ZipFile) -> set[str]:
    if _CONTENT_TYPES not in archive.namelist():
        return set()
    with archive.open(_CONTENT_TYPES) as part:
        told = part.read(_HARMLESS + 1)
    found = {content_type.decode("latin-1") for content_type in _CONTENT_TYPE.findall(told)}
    if len(told) > _HARMLESS or b"\0" in told or any("&" in content_type for content_type in found):
        raise damaged("What it says of its own parts is written as no Office program writes it.")  # to hide one
    return found


def _too_large() -> UnfitFile:
    return UnfitFile(
        "archive_too_large",
        "It holds more files, or unpacks to more, than such a document sensibly does. "
        "Save it anew without what it embeds, or as a PDF.",
    )


def _macros() -> UnfitFile:
    return UnfitFile(
        "macros_not_allowed",
        "It brings along macros, a program, or an object of an older Office in which macros cannot be ruled out. "
        "Save it without them (DOCX, XLSX), or as a PDF.",
    )


@contextmanager
def _as_damage() -> Iterator[None]:
    """Whatever makes an archive unreadable is said in one way."""
    try:
        yield
    except (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        raise damaged("The file is cut off or broken inside.") from error
