"""Good hours: when letters to an employer's people may arrive, and why one that came up at another time waits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from secor_notifier.domain.calendars import Calendar
from secor_notifier.zone import ZONE


@dataclass(frozen=True)
class Moved:
    """A later time, and why it is later."""

    to: datetime
    because: str


@dataclass(frozen=True)
class GoodHours:
    """Business days of a calendar, from one local time until another."""

    name: str
    calendar: Calendar
    opens: time
    closes: time

    def moved(self, at: datetime) -> Moved | None:
        """Where a letter moves that comes up at that instant; nothing when the hour is good."""
        local = at.astimezone(ZONE)
        day, closed = local.date(), self.calendar.closed(local.date())
        if closed is None and self.opens <= local.time() < self.closes:
            return None
        if closed is None and local.time() >= self.closes:
            day += timedelta(days=1)
        to = datetime.combine(self.calendar.on_or_after(day), self.opens, ZONE)
        kept = f"{self.opens:%H:%M} to {self.closes:%H:%M} on business days ({self.name})"
        return Moved(to, f"{_named(local, closed)}: letters to employers go out from {kept}.")

    def day_of_warning(self, day: date) -> date:
        """A warning that falls on a day off comes on the business day before: later it would be worth less."""
        return self.calendar.on_or_before(day)


def _named(local: datetime, closed: str | None) -> str:
    return f"{local:%Y-%m-%d} is {closed}" if closed else f"It is {local:%H:%M} in British Columbia"
