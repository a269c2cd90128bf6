"""WorkSafeBC certifies: forwarded once, answered with a certificate or a refusal; the incentive is an estimate."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.incentive import incentive_estimate
from secor_workflow.domain.values import Money
from workflow.domain.examples import (
    BY_STATE,
    CAFE,
    SUBMITTED,
    certified,
    forwarded,
    qa_passed,
    record_certificate,
    record_standing,
    refuse_certificate,
)
from workflow.specification import POLICIES, TODAY, Given, days_later, given, id_of


def test_a_passed_audit_is_forwarded() -> None:
    when = given(qa_passed, days_later(1)).when(c.ForwardToWorksafebc())
    when.then(
        e.ForwardedToWorkSafeBC(forwarded_on=date(2026, 12, 11)),
        state="QAPassed",
        deadlines={"idle": "2027-06-11"},
    )


def test_an_audit_is_forwarded_once() -> None:
    forwarded.when(c.ForwardToWorksafebc()).refused("already_forwarded", "2026-12-10")


def test_lost_standing_blocks_forwarding() -> None:
    given(qa_passed, record_standing(good=False)).when(c.ForwardToWorksafebc()).refused("standing_lost", "2026-11-22")


def test_everything_that_blocks_forwarding_is_said_at_once() -> None:
    given(forwarded, record_standing(good=False)).when(c.ForwardToWorksafebc()).refused_by(
        "already_forwarded", "standing_lost"
    )


def test_after_a_refusal_it_may_be_forwarded_again() -> None:
    when = given(forwarded, days_later(7)).when(refuse_certificate())
    when.then(
        e.WorkSafeBCRefused(reason_id=id_of("Premiums are owed.")), state="QAPassed", deadlines={"idle": "2027-06-17"}
    )
    assert given(when.granted(), c.ForwardToWorksafebc()).case.forwarded_on == date(2026, 12, 17)


def test_worksafebc_answers_what_was_forwarded() -> None:
    for wish in (refuse_certificate(), record_certificate()):
        qa_passed.when(wish).refused("not_forwarded", "not forwarded to WorkSafeBC yet")


def test_a_certificate_runs_three_years_where_worksafebc_names_no_other_end() -> None:
    forwarded.when(record_certificate()).then(
        e.CertificateIssued(certificate_number="BC-2026-1", issued_on=SUBMITTED, expires_on=date(2029, 12, 10)),
        state="Certified",
        deadlines={"idle": "2027-06-10", "certificate_expiry": "2029-12-10"},
    ).explains("certificate_expiry", "certificate expires 2029-12-10", anchor="expires_on", owner="employer")


def test_worksafebc_s_own_end_of_a_certificate_counts() -> None:
    when = forwarded.when(record_certificate(expires_on=date(2029, 6, 30)))
    assert when.deadline("certificate_expiry").due_on == date(2029, 6, 30)


def test_a_certificate_of_29_february_runs_until_28_february() -> None:
    issued = record_certificate(date(2028, 2, 29))
    when = given(forwarded, days_later(500)).when(issued)
    assert when.deadline("certificate_expiry").due_on == date(2031, 2, 28)


def test_a_certificate_is_not_issued_in_the_future() -> None:
    forwarded.when(record_certificate(date(2026, 12, 11))).refused(
        "certificate_dates_wrong", "in the future", "today is 2026-12-10", at="/issued_on"
    )


@pytest.mark.parametrize("expires_on", [SUBMITTED, date(2026, 12, 9)])
def test_a_certificate_expires_after_its_issue(expires_on: date) -> None:
    forwarded.when(record_certificate(expires_on=expires_on)).refused(
        "certificate_dates_wrong", "after its issue on 2026-12-10", at="/expires_on"
    )


def test_everything_that_is_wrong_with_a_certificate_is_said_at_once() -> None:
    qa_passed.when(record_certificate(date(2026, 12, 12), date(2026, 12, 1))).refused_by(
        "not_forwarded", "certificate_dates_wrong", "certificate_dates_wrong"
    )


@pytest.mark.parametrize(
    ("premium", "estimate"),
    [
        ("1200.00", "900.00"),
        ("1333.32", "999.99"),
        ("1333.33", "1000.00"),
        ("1333.34", "1000.00"),
        ("50000.00", "1000.00"),
        ("0.02", "0.02"),
        ("0.00", "0.00"),
    ],
)
def test_the_incentive_is_the_lesser_of_the_cap_and_three_quarters_of_the_premium(premium: str, estimate: str) -> None:
    employer = replace(CAFE, base_premium=Money(amount=Decimal(premium)))
    case = given(certified, c.UpdateEmployer(employer=employer)).case
    incentive = incentive_estimate(case, POLICIES.on(TODAY))
    assert incentive
    assert (incentive.amount, incentive.currency) == (Decimal(estimate), "CAD")
    assert premium in incentive.explanation[0]
    assert "WorkSafeBC decides" in incentive.explanation[-1]


def test_without_a_certificate_or_a_premium_there_is_no_estimate() -> None:
    unknown = given(certified, c.UpdateEmployer(employer=replace(CAFE, base_premium=None)))
    assert [incentive_estimate(case.case, POLICIES.on(TODAY)) for case in (forwarded, unknown)] == [None, None]


OPEN = pytest.mark.parametrize(
    "case", [example for state, example in BY_STATE.items() if state not in {"Unregistered", "Closed"}],
    ids=lambda case: case.case.state,
)  # fmt: skip


@OPEN
def test_standing_is_recorded_in_every_open_state_and_leaves_it(case: Given) -> None:
    when = case.when(record_standing(good=False))
    fact = e.StandingRecorded(good=False, as_of=TODAY)
    before = {deadline.name: str(deadline.due_on) for deadline in case.case.deadlines}
    when.then(fact, state=case.case.state, deadlines=before)
    assert when.case.standing
    assert not when.case.standing.good


def test_standing_is_not_known_of_a_day_to_come() -> None:
    certified.when(record_standing(good=True, as_of=date(2026, 12, 11))).refused(
        "standing_date_wrong", "future day", "today is 2026-12-10", at="/as_of"
    )
