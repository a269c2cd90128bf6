"""A copy of the whole database beside the running service, and back from it into an empty place."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

Progress = Callable[[int, int], None]
_PAGES_AT_ONCE = 256


class NotCopiedError(RuntimeError):
    """There is no copy, or nothing was brought back; the sentence says why."""


def back_up(url: sa.URL, file: Path, progress: Progress) -> None:
    """Write a copy as the database was at one moment: of SQLite a database, of PostgreSQL what `pg_restore` reads.

    Raises NotCopiedError or OSError. The file appears once it is whole.
    """
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(b"")  # where nothing can be written that is said at once, and by the system
    try:
        if url.get_backend_name() == "sqlite":
            _copy(Path(str(url.database)), part, progress)
        else:
            _run(url, "pg_dump", "--format=custom", f"--file={part}")
        _keep(part)
        part.replace(file)
        _keep(file.absolute().parent)
    finally:
        part.unlink(missing_ok=True)


def bring_back(url: sa.URL, file: Path, progress: Progress) -> None:
    """Make the database anew from a copy. There must be none: SQLite's file is missing, PostgreSQL's has no tables.

    Raises NotCopiedError.
    """
    if url.get_backend_name() != "sqlite":
        _run(url, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=", str(file))
        return
    target = Path(str(url.database))
    if target.exists():
        raise NotCopiedError(f"There is a database at {target} already: move it away, with its -wal and -shm.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        _copy(file, part, progress)
        _keep(part)
        for left in ("-wal", "-shm"):  # of the one that was there: they would be read as if they were this one's
            target.with_name(target.name + left).unlink(missing_ok=True)
        part.replace(target)
        _keep(target.absolute().parent)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path, progress: Progress) -> None:
    def tell(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written, pages=_PAGES_AT_ONCE, progress=tell)
            found = written.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise NotCopiedError(f"{source} cannot be read as a database: {error}.") from None
    if found != ("ok",):
        raise NotCopiedError(f"The copy of {source} is damaged: {found[0]}.")


def _keep(path: Path) -> None:
    """Make sure that it is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _run(url: sa.URL, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes by its environment, where no process list shows it."""
    found = shutil.which(program)
    if found is None:
        raise NotCopiedError(f"{program} is not installed here; it comes with PostgreSQL's client programs.")
    connection = connection_of(url)
    told = [f"{one}{connection['PGDATABASE']}" if one == "--dbname=" else one for one in arguments]
    done = subprocess.run([found, *told], env={**os.environ, **connection}, stderr=subprocess.PIPE, check=False)  # noqa: S603 (a program of PostgreSQL, and arguments of ours)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise NotCopiedError(f"{program} failed: {said[0]}")


def connection_of(url: sa.URL) -> dict[str, str]:
    """An address as PostgreSQL's own programs read it from their environment."""
    several, port = url.query.get("host", ()), str(url.query.get("port", url.port or 5432))
    places = (several,) if isinstance(several, str) else several
    hosts = [_place(place, port) for place in places] or [(url.host or "127.0.0.1", port)]
    told = {
        "PGHOST": ",".join(host for host, _ in hosts),
        "PGPORT": ",".join(port for _, port in hosts),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
        "PGTARGETSESSIONATTRS": "primary" if len(hosts) > 1 else None,
    }
    return {name: value for name, value in told.items() if value}


def _place(place: str, usual: str) -> tuple[str, str]:
    """A host or the folder of a socket, and the port there."""
    host, colon, port = place.rpartition(":")
    return (host, port) if colon else (place, usual)
