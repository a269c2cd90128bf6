"""Holds pause nothing but letters; a deadline is extended to a later day, and missed when its day is over."""

from datetime import date, timedelta

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from workflow.domain.examples import (
    BY_STATE,
    extend_deadline,
    name_champion,
    notice_filed,
    place_hold,
    registered,
    trained,
)
from workflow.specification import TODAY, Given, days_later, given, id_of, on

OPEN = pytest.mark.parametrize(
    "case", [example for state, example in BY_STATE.items() if state not in {"Unregistered", "Closed"}],
    ids=lambda case: case.case.state,
)  # fmt: skip


@OPEN
def test_a_case_is_held_and_its_deadlines_go_on(case: Given) -> None:
    when = case.when(place_hold(date(2027, 1, 31)))
    when.then(
        e.CaseHeld(reason_id=id_of("A fire."), review_on=date(2027, 1, 31)),
        state=case.case.state,
        deadlines={deadline.name: str(deadline.due_on) for deadline in case.case.deadlines},
    )
    assert when.case.hold
    assert when.case.hold.since == case.today


def test_a_case_is_held_once() -> None:
    given(registered, place_hold(), days_later(9)).when(place_hold()).refused(
        "already_on_hold", "on hold since 2026-11-22"
    )


@OPEN
def test_a_hold_ends(case: Given) -> None:
    when = given(case, place_hold()).when(c.ReleaseHold())
    when.then(
        e.CaseReleased(),
        state=case.case.state,
        deadlines={deadline.name: str(deadline.due_on) for deadline in case.case.deadlines},
    )
    assert when.case.hold is None


def test_what_is_not_held_is_not_released() -> None:
    registered.when(c.ReleaseHold()).refused("not_on_hold", "not on hold")


def test_a_deadline_is_extended_and_says_so() -> None:
    when = given(registered, days_later(2)).when(extend_deadline("name_champion", date(2027, 1, 31)))
    when.then(
        e.DeadlineExtended(
            deadline="name_champion",
            previous_due_on=date(2026, 12, 22),
            due_on=date(2027, 1, 31),
            reason_id=id_of("A flood."),
        ),
        state="Registered",
        deadlines={"name_champion": "2027-01-31", "idle": "2027-05-24"},
    ).explains(
        "name_champion",
        "registered 2026-11-22",
        "+ 30 calendar days",
        "= 2026-12-22",
        "extended from 2026-12-22 to 2027-01-31",
        anchor="registered_on",
        owner="employer",
    )


@pytest.mark.parametrize("due_on", [date(2026, 12, 22), date(2026, 12, 21)])
def test_an_extension_gives_more_time(due_on: date) -> None:
    registered.when(extend_deadline("name_champion", due_on)).refused(
        "not_later", "due on 2026-12-22", "must be later", at="/due_on"
    )


def test_an_extension_does_not_end_in_the_past() -> None:
    late = given(registered, on(date(2027, 2, 1)))
    late.when(extend_deadline("name_champion", date(2027, 1, 31))).refused(
        "not_later", "must not have passed", "today is 2027-02-01", at="/due_on"
    )
    assert late.when(extend_deadline("name_champion", date(2027, 2, 1))).case.version == 2


@pytest.mark.parametrize("wish", [extend_deadline("sms", date(2030, 1, 1)), c.MissDeadline(deadline="sms")])
def test_only_a_deadline_that_the_case_has_is_extended_or_missed(wish: c.Wish) -> None:
    registered.when(wish).refused("no_such_deadline", "no deadline sms", "name_champion, idle", at="/deadline")


def test_a_deadline_whose_day_is_over_is_missed() -> None:
    when = given(registered, on(date(2026, 12, 23))).when(c.MissDeadline(deadline="name_champion"))
    when.then(
        e.DeadlineMissed(deadline="name_champion", due_on=date(2026, 12, 22), owner="employer"),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-22"},
    )
    assert when.deadline("name_champion").missed


@pytest.mark.parametrize("day", [TODAY, date(2026, 12, 22)])
def test_a_deadline_is_not_missed_before_its_day_is_over(day: date) -> None:
    given(registered, on(day)).when(c.MissDeadline(deadline="name_champion")).refused(
        "deadline_not_over", "due on 2026-12-22, which is not over"
    )


def test_a_deadline_is_missed_once() -> None:
    missed = given(registered, on(date(2026, 12, 23)), c.MissDeadline(deadline="name_champion"))
    missed.when(c.MissDeadline(deadline="name_champion")).refused("already_missed", "name_champion")


def test_the_start_of_an_audit_is_an_appointment_and_cannot_be_missed() -> None:
    given(notice_filed, on(date(2027, 6, 1))).when(c.MissDeadline(deadline="audit_start")).refused(
        "deadline_not_over", "appointment"
    )


def test_what_was_missed_can_still_be_done() -> None:
    missed = given(registered, on(date(2026, 12, 23)), c.MissDeadline(deadline="name_champion"))
    assert given(missed, name_champion()).case.deadline("name_champion") is None


def test_more_time_makes_a_missed_deadline_open_again() -> None:
    missed = given(registered, on(date(2026, 12, 23)), c.MissDeadline(deadline="name_champion"))
    extended = missed.when(extend_deadline("name_champion", date(2027, 1, 31)))
    assert not extended.deadline("name_champion").missed
    again = given(extended.granted(), on(date(2027, 2, 1)), c.MissDeadline(deadline="name_champion"))
    assert again.case.version == 4


def test_an_extended_deadline_is_counted_anew_by_the_fact_that_sets_it() -> None:
    extended = given(registered, extend_deadline("idle", date(2030, 1, 1)), days_later(1), name_champion())
    assert str(extended.case.deadline("idle").due_on) == "2027-05-23"  # type: ignore[union-attr]  # every open case has one


@pytest.mark.parametrize("name", ["sms", "student_audit", "idle"])
def test_every_deadline_of_a_case_can_be_extended(name: str) -> None:
    before = trained.case.deadline(name)
    assert before
    later = before.due_on + timedelta(days=1)
    assert trained.when(extend_deadline(name, later)).deadline(name).due_on == later
