"""What a folder on this machine needs beside its store's client: flushing to the disk, and tidying up after a kill."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

_HALF_WRITTEN = re.compile(r"[0-9a-f]{64}#[0-9]+")
"""The name under which the store's client writes before it renames."""


def make(root: Path) -> None:
    """Make a folder that is ours alone, and what leads to it, for good."""
    for directory in (*reversed(root.parents), root):
        if not directory.exists():
            directory.mkdir(mode=0o700, exist_ok=True)
            flush(directory.parent)


def settle(file: Path, root: Path) -> None:
    """Have a file on the disk, and the names that lead to it: after a power cut it is there, and whole."""
    flush(file)
    for directory in file.parents:
        flush(directory)
        if directory == root:
            return


def flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def look(root: Path) -> None:
    """Raises OSError unless files can be made there."""
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(f"{root} is not there, or not ours to write in")


def unfinished(root: Path, before: datetime, delete: bool) -> int:  # noqa: FBT001 (called by place, in a thread)
    """Count what was half-written before an instant, and remove it if asked to."""
    found = [path for path in root.glob("*/*#*") if _HALF_WRITTEN.fullmatch(path.name) and _older(path, before)]
    for path in found if delete else ():
        path.unlink(missing_ok=True)
    return len(found)


def _older(path: Path, than: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC) < than
    except FileNotFoundError:  # it was finished meanwhile
        return False
