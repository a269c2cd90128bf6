"""What a process counts where every microsecond counts: plain numbers; the metrics tell them when they are asked."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 500)


class Spread:
    """How values lie: how many up to each bound, and their sum."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds, self._counts, self.total = bounds, [0] * (len(bounds) + 1), 0.0

    def saw(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def buckets(self) -> Iterator[tuple[str, float]]:
        """Each bound, as Prometheus writes it, with how many lie up to it."""
        return zip([*map(str, map(float, self._bounds)), "+Inf"], accumulate(self._counts), strict=True)


@dataclass(slots=True)
class Appends:
    """Of the append queue: batches as they were committed."""

    sizes: Spread = field(default_factory=lambda: Spread(SIZES))
    lock_seconds: Spread = field(default_factory=lambda: Spread(SECONDS))
    commit_seconds: Spread = field(default_factory=lambda: Spread(SECONDS))
    failures: int = 0

    def committed(self, size: int, began: float, locked: float) -> None:
        """A batch is durable: it waited for a connection and the writers' lock, and then it was written."""
        self.sizes.saw(size)
        self.lock_seconds.saw(locked - began)
        self.commit_seconds.saw(time.perf_counter() - locked)


@dataclass(slots=True)
class Commands:
    """Of the handler: what became of commands, and what refused them."""

    outcomes: Counter[tuple[type, str]] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
