"""Credentials that are nobody's: remembered for a while, so that trying them does not keep the database busy."""

import time
from collections import OrderedDict, deque

KEEP_SECONDS, KEEP_MOST = 30.0, 10_000
LOOKUPS_A_SECOND = 50


class LookupsSpentError(Exception):
    """So many unknown keys are being tried that the next is not looked for now."""


class Unknown:
    """What was looked for in vain, and how often a second one may look in vain at all."""

    def __init__(self) -> None:
        self._since: OrderedDict[str, float] = OrderedDict()
        self._lookups: deque[float] = deque(maxlen=LOOKUPS_A_SECOND)

    def holds(self, digest: str) -> bool:
        """Whether it was nobody's a moment ago. Raises LookupsSpentError if that is not known and cannot be asked."""
        now = time.monotonic()
        if now - self._since.get(digest, -KEEP_SECONDS) < KEEP_SECONDS:
            return True
        if len(self._lookups) == LOOKUPS_A_SECOND and now - self._lookups[0] < 1:
            raise LookupsSpentError
        return False

    def remember(self, digest: str) -> None:
        """The database answered that nobody has it."""
        now = time.monotonic()
        self._lookups.append(now)
        self._since[digest] = now
        self._since.move_to_end(digest)
        while len(self._since) > KEEP_MOST:
            self._since.popitem(last=False)
