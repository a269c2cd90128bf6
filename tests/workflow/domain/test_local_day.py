"""The local day: British Columbia is at UTC-7 all year since 2026, so a day ends at 06:59:59.999999Z."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from secor_workflow.clock import Clock, deadline_zone
from secor_workflow.domain.clockwork import due
from workflow.domain.examples import registered
from workflow.specification import POLICIES, TODAY, given, on

VANCOUVER = deadline_zone(POLICIES.on(TODAY).calendar.zone.value)
CLOCK = Clock(VANCOUVER)


@pytest.mark.parametrize("day", [date(2026, 11, 2), date(2026, 12, 1), date(2027, 1, 15), date(2027, 7, 1)])
def test_a_day_begins_at_seven_utc_all_year(day: date) -> None:
    begin = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    assert CLOCK.local_day(begin) == day
    assert CLOCK.local_day(begin - timedelta(microseconds=1)) == day - timedelta(days=1)


@for_all(st.datetimes(datetime(2026, 6, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 (the strategy wants them bare)
def test_the_clocks_never_change_again(instant: datetime) -> None:
    assert instant.replace(tzinfo=UTC).astimezone(VANCOUVER).utcoffset() == timedelta(hours=-7)


def test_before_2026_they_did() -> None:
    assert CLOCK.local_day(datetime(2025, 12, 1, 7, 30, tzinfo=UTC)) == date(2025, 11, 30)
    assert CLOCK.local_day(datetime(2025, 12, 1, 8, tzinfo=UTC)) == date(2025, 12, 1)


def test_in_the_last_minute_of_its_day_nothing_is_missed_yet() -> None:
    last_minute = datetime(2026, 12, 23, 6, 59, 59, 999_999, tzinfo=UTC)
    for instant, missed in ((last_minute, 0), (last_minute + timedelta(microseconds=1), 1)):
        now = given(registered, on(CLOCK.local_day(instant)))
        assert len(list(due(now.case, now.today, POLICIES.on(now.today)))) == missed
