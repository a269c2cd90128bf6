"""Up to where the feed's readers have come: what they last asked for, told by role, for there may be many."""

import time
from collections import OrderedDict

from secor_workflow.domain.context import Actor, Role

MOST = 1000
LATELY = 300.0
"""Seconds. Who has not asked for longer is no reader any more; its own watch has to say that it is gone."""


class Readers:
    """Remembers the last page that each actor asked this process for. Live streams are none: they are sent to."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[Role, int, float]] = OrderedDict()

    def saw(self, actor: Actor, after: int) -> None:
        """Somebody has read up to this position, and asks for what comes after it."""
        self._last[actor.id] = actor.role, after, time.monotonic()
        self._last.move_to_end(actor.id)
        if len(self._last) > MOST:
            self._last.popitem(last=False)

    def slowest(self) -> dict[Role, int]:
        """For each role the position of whoever is furthest behind, of those who asked lately."""
        found: dict[Role, int] = {}
        for role, position, at in self._last.values():
            if time.monotonic() - at < LATELY:
                found[role] = min(position, found.get(role, position))
        return found
