"""The numbers of calendars, read from policy.toml."""

import tomllib
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

PACKAGED = Path(__file__).with_name("policy.toml")
Whole = Annotated[int, Field(ge=1)]


class _Calendar(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    refresh_minutes: Whole
    alarm_at: time
    keep_cancelled_days: Whole
    days_ahead: Whole
    at_most: Whole
    events_at_most: Whole


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    calendar: _Calendar


@dataclass(frozen=True)
class CalendarPolicy:
    """How often to look, when to ring, how long to keep."""

    refresh: timedelta
    alarm_at: timedelta
    keep_cancelled: timedelta
    days_ahead: int
    at_most: int
    events_at_most: int

    @classmethod
    def read(cls, path: Path = PACKAGED) -> Self:
        said = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).calendar
        return cls(
            refresh=timedelta(minutes=said.refresh_minutes),
            alarm_at=timedelta(hours=said.alarm_at.hour, minutes=said.alarm_at.minute),
            keep_cancelled=timedelta(days=said.keep_cancelled_days),
            days_ahead=said.days_ahead,
            at_most=said.at_most,
            events_at_most=said.events_at_most,
        )
