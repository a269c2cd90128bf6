"""How the worker is doing, for whoever asks: probes, metrics, and the page on the cursor."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
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
    reading: str | None = None
    behind_since: datetime | None = None
    """When the last event happened that was read, while there are more to read."""
    troubles: Counter[str] = field(default_factory=Counter)
    """How often each errand met trouble."""
    _pulled: float | None = None
    _beat: float | None = None
    _listeners: list[asyncio.Event] = field(default_factory=list)

    @property
    def seconds_since_pull(self) -> float | None:
        """By the world's time, whatever the sandbox's clock shows."""
        return None if self._pulled is None else time.monotonic() - self._pulled

    @property
    def seconds_since_beat(self) -> float | None:
        """Since the worker last looked at what is due, whoever reads the log."""
        return None if self._beat is None else time.monotonic() - self._beat

    def beat(self) -> None:
        self._beat = time.monotonic()

    def pulled(self, at: datetime, head_position: int | None) -> None:
        """The feed answered; the head is known when the page reached it."""
        if head_position != self.head_position:
            self.wake()
        self.pulled_at = at
        self.head_position = head_position
        self._pulled = time.monotonic()
        self.trouble = None

    def wake(self) -> None:
        """There is something to do at once."""
        for listener in self._listeners:
            listener.set()

    def listener(self) -> asyncio.Event:
        """Is set whenever the log has grown; whoever waits for it clears it."""
        event = asyncio.Event()
        self._listeners.append(event)
        return event
