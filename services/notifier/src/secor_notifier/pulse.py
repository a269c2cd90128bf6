"""How the worker is doing, for whoever asks: probes, metrics, and the page on the cursor."""

import time
from dataclasses import dataclass
from datetime import datetime


@dataclass
class Pulse:
    """Written by the worker, read by the API. `active` is None until the worker knows whether it is the active one;
    `trouble` is what it waits out at the moment.
    """

    active: bool | None = None
    pulled_at: datetime | None = None
    head_position: int | None = None
    trouble: str | None = None
    _pulled: float | None = None

    @property
    def seconds_since_pull(self) -> float | None:
        """By the world's time, whatever the sandbox's clock shows."""
        return None if self._pulled is None else time.monotonic() - self._pulled

    def pulled(self, at: datetime, head_position: int | None) -> None:
        """The feed answered; the head is known when the page reached it."""
        self.pulled_at = at
        self.head_position = head_position
        self._pulled = time.monotonic()
        self.trouble = None
