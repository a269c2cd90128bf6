"""Many files as one archive, written while it is sent; the same files and day make the same bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_UNIX, _PLAIN_FILE = 3, 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of an archive."""

    path: str
    size: int
    pieces: Iterable[bytes]


class _Outlet:
    """Where the archive's writer writes, and whence it is sent on; it cannot go back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def drain(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def packed(files: Iterable[Packed], day: date) -> Iterator[bytes]:
    """The archive's bytes. Nothing is compressed: documents are already. An error in a file's pieces cuts it off."""
    outlet = _Outlet()
    with ZipFile(cast("IO[bytes]", outlet), "w", ZIP_STORED) as archive:
        for file in files:
            entry = ZipInfo(file.path, (day.year, day.month, day.day, 0, 0, 0))
            entry.file_size, entry.create_system, entry.external_attr = file.size, _UNIX, _PLAIN_FILE
            with archive.open(entry, "w") as opened:
                for piece in file.pieces:
                    opened.write(piece)
                    yield outlet.drain()
    yield outlet.drain()
