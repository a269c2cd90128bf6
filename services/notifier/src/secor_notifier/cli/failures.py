"""What can keep a command from its work, each as a sentence that says what to do, and a number to end with."""

import errno
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from secor_notifier.cli.exits import Exit
from secor_notifier.installation import OtherSecretError
from secor_notifier.ledger.engine import InUseError
from secor_notifier.ledger.schema import WrongSchemaError


class Failure(Exception):  # noqa: N818 (it is told, not caught as an error of ours)
    """A command's end: with which number, and in which sentence."""

    def __init__(self, exit_: Exit, sentence: str, *, may_pass: bool = False) -> None:
        """It may pass by itself if waiting can help: what is needed is not there yet."""
        super().__init__(sentence)
        self.exit = exit_
        self.sentence = sentence
        self.may_pass = may_pass


class _Meaning(NamedTuple):
    exit: Exit
    sentence: str
    may_pass: bool = False


_AWAY = _Meaning(Exit.UNAVAILABLE, "The database of NOTIFIER_DATABASE_URL does not answer.", may_pass=True)
_FULL = _Meaning(Exit.UNAVAILABLE, "There is no room left on the disk. Nothing was lost: make room, and run it again.")
_READ_ONLY = _Meaning(
    Exit.UNAVAILABLE,
    "The database takes no writes: it is read-only. Is it a standby, or does the file belong to somebody else?",
)
_NO_TABLES = _Meaning(
    Exit.SCHEMA,
    "The database has not the tables of this version. Run `secor-notifier migrate`, if SECOR_HOME and "
    "NOTIFIER_DATABASE_URL are those of the service.",
)
_STATES = {
    "28": _Meaning(Exit.WRONG, "The database refuses the user or the password of NOTIFIER_DATABASE_URL."),
    "3D000": _Meaning(Exit.WRONG, "The server has no database of the name in NOTIFIER_DATABASE_URL."),
    "42501": _Meaning(
        Exit.WRONG,
        "The role of NOTIFIER_DATABASE_URL may not do this.",
    ),
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "53300": _Meaning(Exit.UNAVAILABLE, "The database has no connection left to give.", may_pass=True),
}
"""PostgreSQL's states, by their beginning."""
_SQLITE = {
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_FULL": _FULL,
    "SQLITE_CANTOPEN": _Meaning(Exit.UNAVAILABLE, "The file of NOTIFIER_DATABASE_URL cannot be opened or made."),
    "SQLITE_NOTADB": _Meaning(Exit.WRONG, "The file of NOTIFIER_DATABASE_URL is no SQLite database."),
    "SQLITE_CORRUPT": _Meaning(Exit.FAULTS, "The database's file is damaged: restore it from a backup."),
    "SQLITE_BUSY": _Meaning(Exit.UNAVAILABLE, "Another process holds the database; run it again."),
    "SQLITE_IOERR": _Meaning(Exit.UNAVAILABLE, "The disk under the database does not take or give what it should."),
}
"""SQLite's, by their beginning; a table that is missing has none of its own."""


def failure_of(error: BaseException) -> Failure | None:
    """What an error means for whoever typed the command; None for a fault of ours, which shall show its traceback."""
    match error:
        case Failure():
            return error
        case WrongSchemaError():
            return Failure(Exit.SCHEMA, str(error))
        case InUseError():
            told = "Nothing was changed: the database is in use; first stop every process of the service."
            return Failure(Exit.FAULTS, told)
        case OtherSecretError():
            return Failure(Exit.WRONG, str(error))
    meaning = next((found for one in _causes(error) if (found := _meaning_of(one))), None)
    if meaning is None and isinstance(error, OSError | TimeoutError | PoolTimeoutError):
        meaning = _AWAY
    return Failure(meaning.exit, meaning.sentence, may_pass=meaning.may_pass) if meaning else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) if isinstance(error, SQLAlchemyError) else error.__cause__


def _meaning_of(error: BaseException) -> _Meaning | None:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _FULL
    if isinstance(error, OSError) and error.filename:
        return _Meaning(Exit.UNAVAILABLE, f"{error.filename} cannot be opened or made: {str(error.strerror).lower()}.")
    if isinstance(error, sqlite3.Error):
        if "no such table" in str(error) or "no such column" in str(error):
            return _NO_TABLES
        name = str(getattr(error, "sqlite_errorname", ""))
        return next((meaning for begin, meaning in _SQLITE.items() if name.startswith(begin)), None)
    state = str(getattr(error, "sqlstate", None) or "")
    if state.startswith(("08", "57P")):
        return _AWAY
    return next((meaning for begin, meaning in _STATES.items() if state.startswith(begin)), None)
