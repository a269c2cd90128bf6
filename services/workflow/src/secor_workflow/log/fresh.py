"""The events that this process wrote last, in memory: whoever follows the log gets them without asking the database."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

KEEP = 500


class Told(NamedTuple):
    """An event of the feed with what it can be chosen by."""

    position: int
    type: str
    case_id: UUID
    body: str


class Fresh:
    """Committed events without a gap between them; what another process wrote in between makes it begin anew."""

    def __init__(self) -> None:
        self._told: deque[Told] = deque(maxlen=KEEP)

    def add(self, one: Told) -> None:
        """Remember an event that is committed."""
        if self._told and one.position != self._told[-1].position + 1:
            self._told.clear()
        self._told.append(one)

    def after(self, position: int, limit: int) -> Sequence[Told]:
        """What follows a position, if it is all here; nothing if the database is to be asked."""
        if not self._told or not self._told[0].position <= position + 1 <= self._told[-1].position:
            return ()
        first = position + 1 - self._told[0].position
        return list(islice(self._told, first, first + limit))
