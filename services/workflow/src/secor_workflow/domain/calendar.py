"""Counting local dates: calendar days, months, business days; each count says how it came about."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from secor_workflow.domain.canada import canada

Addition = Literal["easter_monday", "boxing_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """Which days are business days: Monday to Friday but for a province's holidays, additions and closures."""

    province: str
    additions: tuple[Addition, ...]
    closures: tuple[date, ...]

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _days_off(self.province, self.additions, day.year) | {*self.closures}  # noqa: PLR2004 (Saturday is 5)


@dataclass(frozen=True, slots=True)
class Counted:
    """A date and the steps that lead to it, to be read aloud."""

    day: date
    steps: tuple[str, ...]


def count_days(label: str, start: date, days: int) -> Counted:
    """`days` calendar days after `start`; zero is the day itself."""
    if days == 0:
        return Counted(start, (f"{label} {start}",))
    return _counted(label, start, f"+ {days} calendar days", start + timedelta(days=days))


def count_months(label: str, start: date, months: int) -> Counted:
    """The same day `months` later, or that month's last day where there is none (29 February + 12 months)."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    day = start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))
    return _counted(label, start, f"+ {months} months", day)


def count_business_days(label: str, start: date, days: int, calendar: BusinessCalendar) -> Counted:
    """The `days`-th business day after `start`, which itself does not count."""
    day, left, skipped = start, days, []
    while left:
        day += timedelta(days=1)
        if calendar.is_business_day(day):
            left -= 1
        elif day.weekday() < 5:  # noqa: PLR2004 (a holiday worth naming; weekends explain themselves)
            skipped.append(str(day))
    closed = f" (closed: {', '.join(skipped)})" if skipped else ""
    return _counted(label, start, f"+ {days} business days{closed}", day)


def _counted(label: str, start: date, step: str, day: date) -> Counted:
    return Counted(day, (f"{label} {start}", step, f"= {day}"))


@lru_cache(maxsize=512)
def _days_off(province: str, additions: tuple[Addition, ...], year: int) -> frozenset[date]:
    official = canada()(subdiv=province, years=year)
    days = {day for day in official if day.year == year}
    if "easter_monday" in additions:
        days |= {friday + timedelta(days=3) for friday in official.get_named("Good Friday")}
    if "boxing_day" in additions:
        days.add(date(year, 12, 26))
    return frozenset(days)
