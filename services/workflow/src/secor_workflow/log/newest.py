"""The cases that this process wrote last, in memory: decided on at once, and the append finds out if that held."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from secrets import token_bytes
from typing import NamedTuple
from uuid import UUID

from secor_workflow.domain.case import Case

MOST_CASES = 2000
_SALT = token_bytes(32)


class Remembered(NamedTuple):
    """A case as it was after its newest event, as far as this process knows."""

    case: Case
    event_id: UUID
    people: Mapping[bytes, UUID] | None = None
    """Who is known in the case, by the marks of their e-mail addresses; none if that was not asked. Nobody is named or
    erased without an event of the case, so this holds as long as that is the newest."""


class Newest:
    """Cases as they were when they were last written here, and each one's newest event. Others may know better."""

    def __init__(self) -> None:
        self._cases: OrderedDict[UUID, Remembered] = OrderedDict()

    def keep(self, now: Remembered) -> None:
        """Remember a case, unless a newer version of it is remembered already."""
        case_id = now.case.case_id
        known = self._cases.get(case_id)
        if known is None or known.case.version <= now.case.version:
            self._cases[case_id] = now
        self._cases.move_to_end(case_id)
        if len(self._cases) > MOST_CASES:
            self._cases.popitem(last=False)

    def find(self, case_id: UUID) -> Remembered | None:
        return self._cases.get(case_id)


def mark_of(email: str) -> bytes:
    """An e-mail address as it is remembered: it can be recognised, but not read, and in this process alone."""
    return blake2b(email.casefold().encode(), key=_SALT, digest_size=16).digest()
