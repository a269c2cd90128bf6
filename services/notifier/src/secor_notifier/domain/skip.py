"""Why a letter is not sent: a cause that programs can tell apart, and a sentence that people can read."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What stands between a letter and its reader."""

    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"
    FULFILLED = "fulfilled"
    MOVED = "moved"
    CLOSED = "closed"
    OVERTAKEN = "overtaken"
    STALE = "stale"
    ERASED = "erased"
    UNKNOWN_THERE = "unknown_there"
    HELD = "held"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    OPTED_OUT = "opted_out"
    DEPARTED = "departed"
    UNRULED = "unruled"


PASSING = frozenset({Cause.HELD, Cause.SILENCED, Cause.INHIBITED, Cause.OPTED_OUT, Cause.DEPARTED, Cause.UNRULED})
"""Causes that may end: should the letter still be owed by then, it goes out after all."""


@dataclass(frozen=True)
class Skip:
    """Not to be sent, and why."""

    cause: Cause
    reason: str
