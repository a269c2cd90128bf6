"""Which part of a document is asked for, by `Range` and `If-Range` (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII | re.IGNORECASE)
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to, but not with, `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def content_range(self, of: int) -> str:
        return f"bytes {self.start}-{self.end - 1}/{of}"


class BeyondTheEndError(ValueError):
    """No byte of what is asked for is there."""


def asked_part(asked: str | None, only_if: str | None, *, size: int, etag: str) -> Part | None:
    """The one part that is asked for; None asks for the whole.

    The whole is given too where several parts are asked for, where the header says nothing that can be understood, and
    where `If-Range` names another version. Raises BeyondTheEndError.
    """
    found = _ONE_RANGE.fullmatch(asked or "")
    if found is None or (only_if is not None and only_if.strip() != etag):
        return None
    first, last = found.groups()
    if first:
        start, end = _number(first), min(_number(last) + 1, size) if last else size
        if last and _number(last) < start:
            return None
    elif last:
        start, end = max(size - _number(last), 0), size
    else:
        return None
    if start >= end:
        raise BeyondTheEndError(f"{asked} of {size}")
    return Part(start, end)


def _number(digits: str) -> int:
    """A number with more digits than any file has bytes is as good as the greatest."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
