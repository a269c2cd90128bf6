"""The time: the only room that reads a clock. In sandbox mode it can be set ahead, and goes on from there."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive
from secor_workflow.database.rows import upsert
from secor_workflow.database.tables import sandbox_clock


class ZoneDataTooOldError(RuntimeError):
    """The zone's data do not know that British Columbia stays at UTC−7 since 2026."""


def deadline_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of all deadlines, from the `tzdata` package alone: a system's own files may be older.

    Raises ZoneDataTooOldError if they are not of 2026 or later (British Columbia, OIC 0063/2026).
    """
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    zone = zoneinfo.ZoneInfo(name)
    for day in (datetime(2026, 11, 2, tzinfo=zone), datetime(2026, 12, 1, tzinfo=zone)):
        if name == "America/Vancouver" and day.utcoffset() != timedelta(hours=-7):
            raise ZoneDataTooOldError(f"{name} is at {day.utcoffset()} on {day.date()}; install tzdata 2026 or later.")
    return zone


def true_now() -> datetime:
    """The real time, by which credentials go: the sandbox's clock neither ages nor revives them."""
    return datetime.now(UTC)


class Clock:
    """Now, and which local day that is."""

    def __init__(self, zone: zoneinfo.ZoneInfo) -> None:
        self.zone = zone
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    async def restore(self, engine: AsyncEngine) -> None:
        """Go on from where the sandbox's clock was, so that a restart does not turn time back."""
        async with engine.connect() as connection:
            ahead = await connection.scalar(sa.select(sandbox_clock.c.offset_microseconds))
        self._ahead = timedelta(microseconds=ahead or 0)

    async def set(self, engine: AsyncEngine, now: datetime) -> None:
        """Set the sandbox's clock for good, in this process and the database."""
        ahead = now - datetime.now(UTC)
        async with exclusive(engine) as connection:
            row = {"id": 1, "offset_microseconds": round(ahead / timedelta(microseconds=1))}
            await connection.execute(upsert(engine, sandbox_clock), row)
        self._ahead = ahead
