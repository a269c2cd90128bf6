"""Letters to employers arrive on business days within local hours, and say why when they wait."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from notifier.given import DUE, RULES, deadline, event, to_send, watch
from secor_notifier.domain.calendars import calendars
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.reminders import timed
from secor_notifier.zone import ZONE

REMINDER = to_send(watch(deadline()), DUE - timedelta(days=7))[0]
MONDAY = datetime(2027, 2, 1, 8, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("name", "day", "why"),
    [
        ("bc-esa", date(2027, 3, 26), "Good Friday"),
        ("bc-esa", date(2027, 3, 29), None),
        ("bc-interpretation-act", date(2027, 3, 29), "Easter Monday"),
        ("bc-esa", date(2029, 12, 26), None),
        ("bc-interpretation-act", date(2029, 12, 26), "Boxing Day"),
        ("bc-interpretation-act", date(2026, 12, 24), None),
        ("go2hr-office", date(2026, 12, 24), "Office closed over the year's end"),
        ("go2hr-office", date(2026, 9, 30), "National Day for Truth and Reconciliation"),
        ("bc-esa", date(2027, 1, 30), "Saturday"),
        ("bc-esa", date(2027, 2, 1), None),
        ("bc-esa", date(2500, 1, 4), None),
    ],
)
def test_each_calendar_knows_its_days_off_and_names_them(name: str, day: date, why: str | None) -> None:
    assert calendars()[name].closed(day) == why


@pytest.mark.parametrize(
    ("came_up", "why"),
    [
        (datetime(2027, 1, 29, 18, tzinfo=ZONE), "It is 18:00 in British Columbia"),
        (datetime(2027, 1, 30, 12, tzinfo=ZONE), "2027-01-30 is Saturday"),
        (datetime(2027, 2, 1, 0, tzinfo=ZONE), "It is 00:00 in British Columbia"),
    ],
)
def test_what_comes_up_at_another_hour_waits_for_a_good_one_and_says_why(came_up: datetime, why: str) -> None:
    moved = timed(REMINDER, RULES, came_up.astimezone(UTC)).moved

    assert moved is not None
    assert moved.to == MONDAY
    assert moved.because == (
        f"{why}: letters to employers go out from 08:00 to 18:00 on business days (bc-interpretation-act)."
    )


def test_within_good_hours_nothing_waits_and_staff_never_wait() -> None:
    to_staff = to_send(watch(deadline("qa_decision", owner="staff")), DUE - timedelta(days=7))[0]

    assert timed(REMINDER, RULES, MONDAY).moved is None
    assert timed(to_staff, RULES, datetime(2027, 1, 30, 3, tzinfo=ZONE)).moved is None


def test_what_answers_the_readers_own_act_does_not_wait() -> None:
    sunday = datetime(2027, 1, 31, 3, tzinfo=ZONE)
    filed, accepted = (
        letters_for(event(kind, at=sunday), watch(), RULES, sunday)[0] for kind in ("NoticeFiled", "NoticeAccepted")
    )

    assert timed(filed, RULES, sunday).moved is None
    assert timed(accepted, RULES, sunday).moved is not None


def test_a_warning_that_would_come_too_late_by_waiting_goes_at_once() -> None:
    evening = datetime.combine(DUE, MONDAY.timetz()) + timedelta(hours=12)

    assert timed(REMINDER, RULES, evening).moved is None
    assert timed(replace(REMINDER, rung=1), RULES, evening).moved is not None


def test_a_warning_whose_day_is_no_business_day_comes_on_the_one_before() -> None:
    monday = deadline(due_on=date(2027, 2, 8))  # a day before it is a Sunday

    assert {one.rung for one in to_send(watch(monday), date(2027, 2, 4))} == {-7}
    assert {(one.rung, one.owed_on) for one in to_send(watch(monday), date(2027, 2, 5))} == {(-1, date(2027, 2, 5))}


def test_a_warning_older_than_its_deadline_is_never_sent() -> None:
    filed_on = DUE - timedelta(days=20)
    young = replace(deadline(), since=filed_on)

    assert to_send(watch(young), filed_on) == []
    assert {one.rung for one in to_send(watch(young), DUE - timedelta(days=14))} == {-14}
