"""How many live streams each caller holds open: one of them must not take the place of all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from secor_workflow.api.problems import Problem


class Streams:
    """Counts the open streams of this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def check(self, actor_id: str) -> None:
        """Raises a Problem if the caller has enough."""
        if self._open[actor_id] >= self._most:
            raise Problem(
                "too_many_requests",
                f"You hold {self._most} streams open; close one first.",
                headers={"Retry-After": "10"},
            )

    @contextmanager
    def held(self, actor_id: str) -> Iterator[None]:
        """One more while this lasts."""
        self._open[actor_id] += 1
        try:
            yield
        finally:
            self._open[actor_id] -= 1
            if not self._open[actor_id]:
                del self._open[actor_id]
