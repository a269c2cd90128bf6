"""The notifier's clock: the world's, or in a sandbox one that can be set and then ticks on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from secor_notifier.zone import local_date


@dataclass
class Clock:
    """How far ahead of the world it runs; never anything but zero outside a sandbox."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return local_date(self.now())

    def ahead_for(self, instant: datetime) -> timedelta:
        """How far ahead the clock must run to show that instant now."""
        return instant - datetime.now(UTC)
