"""The end: the employer withdraws or staff close the case, from every open state; nothing is owed any more."""

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import ClosingReason
from workflow.domain.examples import BY_STATE, close, closed, registered, withdraw
from workflow.specification import Given, as_, given, id_of

OPEN = pytest.mark.parametrize(
    "case", [example for state, example in BY_STATE.items() if state not in {"Unregistered", "Closed"}],
    ids=lambda case: case.case.state,
)  # fmt: skip


@OPEN
def test_the_employer_withdraws(case: Given) -> None:
    case.when(withdraw()).then(e.CaseWithdrawn(reason_id=id_of("We sold the café.")), state="Closed", deadlines={})


@OPEN
def test_staff_close_a_case(case: Given) -> None:
    case.when(close("duplicate")).then(e.CaseClosed(reason="duplicate"), state="Closed", deadlines={})


@pytest.mark.parametrize("reason", ["inactive", "moved_to_large_cor", "other_partner", "duplicate", "business_closed"])
def test_a_case_is_closed_for_a_reason(reason: ClosingReason) -> None:
    assert registered.when(close(reason)).granted().events[-1].fact == e.CaseClosed(reason=reason)


def test_staff_do_not_withdraw_and_the_employer_does_not_close() -> None:
    given(registered, as_(Role.STAFF)).when(withdraw()).refused("role_not_allowed", "Only employer", "you are staff")
    given(registered, as_(Role.EMPLOYER)).when(close()).refused("role_not_allowed", "Only staff", "you are employer")


def test_what_ended_keeps_what_is_known_of_it() -> None:
    assert closed.case.employer == registered.case.employer


def test_what_ended_does_not_end_again() -> None:
    for wish in (withdraw(), close()):
        closed.when(wish).refused("not_now", "this case is Closed")
