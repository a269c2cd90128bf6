"""The notifier's clock: the world's, or in a sandbox one that can be set and then ticks on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from secor_notifier.zone import local_date


@dataclass
class Clock:
    """How far ahead of the world it runs; never anything but zero outside a sandbox, where `kept` tells it."""

    ahead: timedelta = timedelta(0)
    kept: Callable[[], Awaitable[timedelta]] | None = None

    async def follow(self) -> None:
        """Another process of the same sandbox may have set it."""
        if self.kept is not None:
            self.ahead = await self.kept()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @staticmethod
    def world() -> datetime:
        """The world's time even in a sandbox: what others check by their own clocks is signed with it."""
        return datetime.now(UTC)

    def today(self) -> date:
        return local_date(self.now())

    def ahead_for(self, instant: datetime) -> timedelta:
        """How far ahead the clock must run to show that instant now."""
        return instant - datetime.now(UTC)
