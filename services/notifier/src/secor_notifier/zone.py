"""The deadline zone: British Columbia's clock, read from the `tzdata` package and never from the machine.

The province has kept UTC-7 all year since 2026; a machine's own zone files may be older than that.
"""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

ZONE_NAME = "America/Vancouver"
WINTER_NOON = datetime(2026, 12, 1, 20, tzinfo=UTC)
PERMANENT_OFFSET = timedelta(hours=-7)

zoneinfo.ZoneInfo.clear_cache()
zoneinfo.reset_tzpath(to=[])
ZONE = zoneinfo.ZoneInfo(ZONE_NAME)


class WrongZoneError(RuntimeError):
    """The zone data do not know that British Columbia stopped changing its clocks."""


def check_zone() -> None:
    """Refuse to go on with zone data by which a deadline would end an hour late."""
    found = WINTER_NOON.astimezone(ZONE).utcoffset()
    if found != PERMANENT_OFFSET:
        raise WrongZoneError(f"{ZONE_NAME} is at {found} on 2026-12-01 but should be at UTC-7: update tzdata.")


def local_date(instant: datetime) -> date:
    """The date on the wall calendar in British Columbia at that instant."""
    return instant.astimezone(ZONE).date()
