"""An archive of the log's beginning: NDJSON, for each event a line with its text, verbatim, and its idempotency key."""

import hashlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import to_json

from secor_workflow.log.envelope import read, short_type

_EVENT = ',"event":'


class Line(NamedTuple):
    """What of an event's row its text does not tell, and the text."""

    idempotency_key: str | None
    request_digest: str | None
    body: str


class _Beside(BaseModel):
    idempotency_key: str | None
    request_digest: str | None


class _Type(BaseModel):
    type: str


def written(line: Line) -> bytes:
    """One line. Within JSON no quote stands unescaped in a key, so the event's beginning is found again."""
    beside = to_json({"idempotency_key": line.idempotency_key, "request_digest": line.request_digest})
    return beside[:-1] + f"{_EVENT}{line.body}}}\n".encode()


def row_of(text: str) -> dict[str, Any]:
    """The row of the log that a line was written from."""
    before, _, rest = text.rstrip("\n").partition(_EVENT)
    beside, body = _Beside.model_validate_json(before + "}"), rest[:-1]
    name = short_type(_Type.model_validate_json(body).type)
    event = read(name, body)
    return {
        "position": event.position,
        "case_id": event.case_id,
        "version": event.version,
        "event_id": event.event_id,
        "type": name,
        "actor": event.actor,
        "idempotency_key": beside.idempotency_key,
        "request_digest": beside.request_digest,
        "body": body,
    }


class ArchiveWriter:
    """Writes lines beside the place where the archive shall be; there is a whole and durable one, or none."""

    def __init__(self, path: Path) -> None:
        self._path, self._unfinished = path, path.with_name(f".{path.name}.unfinished")
        self._file = self._unfinished.open("wb")
        self._digest = hashlib.sha256()
        self.lines = 0

    def write(self, lines: Sequence[Line]) -> None:
        piece = b"".join(map(written, lines))
        self._file.write(piece)
        self._digest.update(piece)
        self.lines += len(lines)

    def finish(self) -> str:
        """Put it in its place, for good; its SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._unfinished.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return self._digest.hexdigest()

    def give_up(self) -> None:
        self._file.close()
        self._unfinished.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_of(path: Path) -> Generator[dict[str, Any], None, None]:
    """The rows of all lines, in order."""
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from map(row_of, file)
