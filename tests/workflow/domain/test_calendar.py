"""Counting dates: calendar days, months, business days; each count says how it came about."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from secor_workflow.domain.calendar import BusinessCalendar, count_business_days, count_days, count_months
from workflow.specification import POLICIES, TODAY

BC = POLICIES.on(TODAY).business_calendar
DAYS = st.dates(date(2011, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),  # New Year's Day
        date(2026, 2, 16),  # Family Day
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday (Interpretation Act)
        date(2026, 5, 18),  # Victoria Day
        date(2026, 7, 1),  # Canada Day
        date(2026, 8, 3),  # British Columbia Day
        date(2026, 9, 7),  # Labour Day
        date(2026, 9, 30),  # Truth and Reconciliation
        date(2026, 10, 12),  # Thanksgiving
        date(2026, 11, 11),  # Remembrance Day
        date(2026, 12, 25),  # Christmas Day
        date(2024, 12, 26),  # Boxing Day (Interpretation Act), a Thursday
        date(2027, 3, 29),  # Easter Monday of another year
        date(2026, 11, 21),  # a Saturday
        date(2026, 11, 22),  # a Sunday
    ],
)
def test_the_province_s_holidays_and_weekends_are_no_business_days(day: date) -> None:
    assert not BC.is_business_day(day)


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 31), date(2026, 4, 2), date(2026, 11, 23)])
def test_the_days_around_them_are(day: date) -> None:
    assert BC.is_business_day(day)


def test_an_office_that_closes_does_no_business() -> None:
    closed = BusinessCalendar(province="BC", additions=(), closures=(date(2026, 12, 24),))
    assert not closed.is_business_day(date(2026, 12, 24))
    assert str(count_business_days("filed", date(2026, 12, 23), 1, closed).day) == "2026-12-28"


def test_business_days_over_christmas_name_what_was_closed() -> None:
    counted = count_business_days("filed", date(2024, 12, 24), 2, BC)
    assert counted.day == date(2024, 12, 30)
    assert counted.steps == (
        "filed 2024-12-24",
        "+ 2 business days (closed: 2024-12-25, 2024-12-26)",
        "= 2024-12-30",
    )


def test_business_days_over_easter() -> None:
    assert str(count_business_days("filed", date(2026, 4, 2), 1, BC).day) == "2026-04-07"


def test_business_days_over_the_year_s_end() -> None:
    assert str(count_business_days("filed", date(2026, 12, 31), 1, BC).day) == "2027-01-04"


def naive(start: date, days: int) -> date:
    """The same, said as slowly as it can be: list the days, strike the closed ones, take the n-th."""
    additions = {date(year, 12, 26) for year in range(start.year, start.year + 3)}
    official = holidays.country_holidays("CA", subdiv="BC", years=range(start.year, start.year + 3))
    additions |= {day + timedelta(days=3) for day in official.get_named("Good Friday")}
    following = (start + timedelta(days=n) for n in range(1, 3 * days + 60))
    business = [d for d in following if d.isoweekday() <= 5 and d not in official and d not in additions]
    return business[days - 1]


@for_all(DAYS, st.integers(1, 60))
def test_business_days_are_what_a_naive_count_says(start: date, days: int) -> None:
    assert count_business_days("x", start, days, BC).day == naive(start, days)


@for_all(DAYS, st.integers(1, 30))
def test_each_business_day_more_is_a_later_business_day(start: date, days: int) -> None:
    first, second = (count_business_days("x", start, n, BC).day for n in (days, days + 1))
    assert start < first < second
    assert BC.is_business_day(first)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 36, date(2029, 1, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_month_s_last(start: date, months: int, end: date) -> None:
    counted = count_months("from", start, months)
    assert counted.day == end
    assert counted.steps == (f"from {start}", f"+ {months} months", f"= {end}")


@for_all(DAYS, st.integers(1, 60))
def test_months_later_is_in_the_month_so_many_later(start: date, months: int) -> None:
    day = count_months("x", start, months).day
    assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == months
    assert day.day == start.day or (day.day < start.day and (day + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 12, 22), 14, date(2027, 1, 5)),
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2026, 11, 1), 30, date(2026, 12, 1)),
    ],
)
def test_calendar_days_run_through_everything(start: date, days: int, end: date) -> None:
    assert count_days("from", start, days).steps == (f"from {start}", f"+ {days} calendar days", f"= {end}")


def test_no_days_is_the_day_itself() -> None:
    assert count_days("planned start", TODAY, 0).steps == ("planned start 2026-11-22",)
    assert count_days("planned start", TODAY, 0).day == TODAY
