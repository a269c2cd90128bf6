"""What holds for every command: its effective date lies between the case's beginning and today."""

from datetime import date, timedelta

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain.commands import Wish
from workflow.domain.examples import BY_STATE, CONTACT, register_employer, registered
from workflow.domain.readiness import ready
from workflow.domain.table import TABLE
from workflow.specification import TODAY, Given, days_later, given

COMMANDS = [(next(iter(row.roads)), command) for command, row in TABLE.items()]
TOMORROW = TODAY + timedelta(days=1)


def dated(wish: Wish, day: date) -> Wish:
    return wish.model_copy(update={"effective_on": day})


def a_year_on(case: Given) -> Given:
    return given(case, days_later(365))


@pytest.mark.parametrize(("state", "command"), COMMANDS)
def test_nothing_is_dated_in_the_future(state: str, command: str) -> None:
    case, wish = ready(command, state)
    day = case.today + timedelta(days=1)
    case.when(dated(wish, day)).refused(
        "effective_date_wrong", f"{day} is in the future", f"today is {case.today}", at="/effective_on"
    )


@pytest.mark.parametrize(("state", "command"), [pair for pair in COMMANDS if pair[0] != "Unregistered"])
def test_nothing_is_dated_before_the_case_began(state: str, command: str) -> None:
    case, wish = ready(command, state)
    case.when(dated(wish, TODAY - timedelta(days=1))).refused(
        "effective_date_wrong", f"before {TODAY}", at="/effective_on"
    )


def test_a_registration_is_not_dated_before_the_programme() -> None:
    given().when(dated(register_employer(), date(2010, 12, 31))).refused(
        "effective_date_wrong", "before 2011-01-01", at="/effective_on"
    )
    assert given().when(dated(register_employer(), date(2011, 1, 1))).case.registered_on == date(2011, 1, 1)


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=200), TODAY + timedelta(days=365)])
def test_a_fact_may_be_dated_on_any_day_between(day: date) -> None:
    after = a_year_on(registered).when(c.UpdateEmployer(contact=CONTACT, effective_on=day)).granted()
    assert after.events[-1].effective_on == day


@pytest.mark.parametrize(("state", "command"), COMMANDS)
def test_without_a_date_a_fact_is_of_today(state: str, command: str) -> None:
    case, wish = ready(command, state)
    assert case.when(wish).granted().events[-1].effective_on == case.today


@pytest.mark.parametrize("state", [state for state in BY_STATE if state not in {"Unregistered", "Closed"}])
def test_every_fact_but_a_recorded_miss_moves_the_idle_deadline(state: str) -> None:
    later = given(BY_STATE[state], days_later(10))
    touched = later.when(c.UpdateEmployer(contact=CONTACT)).deadline("idle")
    assert touched.explanation[0] == f"last event {later.today}"
    late, miss = ready("miss-deadline", state)
    assert late.when(miss).deadline("idle").due_on == BY_STATE[state].case.deadline("idle").due_on  # type: ignore[union-attr]  # every open case has one
