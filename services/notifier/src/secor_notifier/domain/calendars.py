"""Named calendars of business days: a province's holidays from a library, and what is added to them as data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter

from secor_notifier.domain.canada import canada

SATURDAY = 5
TO_EASTER_MONDAY = timedelta(days=3)
Addition = Literal["easter_monday", "boxing_day"]


@dataclass(frozen=True)
class Calendar:
    """Which days are business days, by which source; `version` is the day from which it reads as it does."""

    version: str
    source: str
    province: str
    additions: tuple[Addition, ...] = ()
    closures: Mapping[date, str] | None = None

    def closed(self, day: date) -> str | None:
        """Why it is no business day; nothing if it is one."""
        if day.weekday() >= SATURDAY:
            return f"{day:%A}"
        return _holidays(self.province, self.additions, day.year).get(day) or (self.closures or {}).get(day)

    def on_or_before(self, day: date) -> date:
        while self.closed(day):
            day -= timedelta(days=1)
        return day

    def on_or_after(self, day: date) -> date:
        while self.closed(day):
            day += timedelta(days=1)
        return day


@lru_cache(maxsize=512)
def _holidays(province: str, additions: tuple[Addition, ...], year: int) -> Mapping[date, str]:
    found = dict(canada()(subdiv=province, years=year, language="en_CA"))
    # The library knows some centuries and no more; beyond them a year has weekends alone.
    good_friday = next((day for day, name in found.items() if name == "Good Friday"), None)
    if "easter_monday" in additions and good_friday:
        found[good_friday + TO_EASTER_MONDAY] = "Easter Monday"
    if "boxing_day" in additions:
        found.setdefault(date(year, 12, 26), "Boxing Day")
    return found


@cache
def calendars() -> Mapping[str, Calendar]:
    """All there are, by name."""
    text = files("secor_notifier.domain").joinpath("calendars.toml").read_text("utf-8")
    return TypeAdapter(dict[str, Calendar]).validate_python(tomllib.loads(text))
