"""The employer registers its own account, of the right size and trade, once; later changes never block."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import Employer
from workflow.domain.examples import ANNA, CAFE, CONTACT, certified, register_employer, registered
from workflow.specification import another_case_is_open, as_, days_later, given, id_of

GROWN = replace(CAFE, headcount=20)


def test_an_employer_registers() -> None:
    given().when(register_employer()).then(
        e.EmployerRegistered(employer=CAFE, contact_id=id_of(CONTACT), terms_accepted=True),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-22"},
    ).explains(
        "name_champion",
        "registered 2026-11-22",
        "+ 30 calendar days",
        "= 2026-12-22",
        anchor="registered_on",
        owner="employer",
    ).explains("idle", "last event 2026-11-22", "+ 6 months", "= 2027-05-22", anchor="last_event_on", owner="staff")


@pytest.mark.parametrize("headcount", [0, 0.5, 19])
def test_nineteen_full_time_equivalents_are_the_most(headcount: float) -> None:
    when = given().when(register_employer(replace(CAFE, headcount=headcount)))
    assert when.case.state == "Registered"


@pytest.mark.parametrize(("headcount", "said"), [(19.01, "19.01"), (20, "not 20"), (350, "not 350")])
def test_a_larger_employer_is_sent_to_the_larger_programme(headcount: float, said: str) -> None:
    too_large = register_employer(replace(CAFE, headcount=headcount))
    given().when(too_large).refused("employer_too_large", "at most 19", said, "see COR", at="/employer/headcount")


def test_a_foreign_classification_unit_is_refused_at_its_place() -> None:
    mixed = replace(CAFE, classification_units=("761045", "701001"))
    given().when(register_employer(mixed)).refused(
        "unknown_classification_unit", "701001", "GET /v1/policy", at="/employer/classification_units/1"
    )


def test_without_accepted_terms_nobody_is_registered() -> None:
    given().when(register_employer(terms_accepted=False)).refused(
        "terms_not_accepted", "must be accepted", at="/terms_accepted"
    )


def test_an_account_has_one_open_case() -> None:
    given(another_case_is_open).when(register_employer()).refused(
        "case_exists", "already has an open case", at="/employer/worksafebc_account"
    )


def test_an_employer_registers_only_its_own_account() -> None:
    given(as_(Role.EMPLOYER, account="999999")).when(register_employer()).refused(
        "account_not_yours", "your own WorkSafeBC account only", at="/employer/worksafebc_account"
    )


@pytest.mark.parametrize("role", [Role.STAFF, Role.INTEGRATION])
def test_staff_and_other_systems_register_any_account(role: Role) -> None:
    assert given(as_(role)).when(register_employer()).case.employer == CAFE


def test_everything_that_is_wrong_with_a_registration_is_said_at_once() -> None:
    wrong = Employer(legal_name="A", worksafebc_account="654321", classification_units=("1", "2"), headcount=50)
    given(as_(Role.EMPLOYER), another_case_is_open).when(register_employer(wrong, terms_accepted=False)).refused_by(
        "account_not_yours",
        "employer_too_large",
        "unknown_classification_unit",
        "unknown_classification_unit",
        "terms_not_accepted",
        "case_exists",
    )


def test_the_contact_changes_and_the_employer_stays() -> None:
    given(registered).when(c.UpdateEmployer(contact=ANNA)).then(
        e.EmployerUpdated(employer=CAFE, contact_id=id_of(ANNA), over_size_limit=False),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-22"},
    )


def test_growth_beyond_the_limit_is_flagged_and_blocks_nothing() -> None:
    when = given(registered).when(c.UpdateEmployer(employer=GROWN))
    when.then(
        e.EmployerUpdated(employer=GROWN, contact_id=id_of(CONTACT), over_size_limit=True),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-22"},
    )
    assert when.case.over_size_limit


def test_an_employer_that_shrinks_again_is_no_longer_flagged() -> None:
    case = given(certified, c.UpdateEmployer(employer=GROWN), c.UpdateEmployer(employer=CAFE)).case
    assert not case.over_size_limit


def test_a_case_keeps_its_account() -> None:
    other = replace(CAFE, worksafebc_account="654321")
    given(registered).when(c.UpdateEmployer(employer=other)).refused(
        "account_changed", "200100", "register the other one", at="/employer/worksafebc_account"
    )


def test_an_update_without_anything_is_refused() -> None:
    given(registered).when(c.UpdateEmployer()).refused("nothing_to_update", "employer", "contact")


def test_an_update_names_every_fault() -> None:
    wrong = replace(CAFE, worksafebc_account="654321", classification_units=("1",))
    given(registered).when(c.UpdateEmployer(employer=wrong)).refused_by(
        "account_changed", "unknown_classification_unit"
    )


REGISTRATION = register_employer().model_dump_json()


@pytest.mark.parametrize("account", ["12345", "12345678901", "20010a", "", "２００１００"])
def test_an_account_number_has_six_to_ten_digits(account: str) -> None:
    with pytest.raises(ValidationError, match=r"employer\.worksafebc_account"):
        c.RegisterEmployer.model_validate_json(REGISTRATION.replace("200100", account))


@pytest.mark.parametrize("place", ["terms_accepted", "legal_name", "currency", "email"])
def test_a_field_that_nobody_knows_is_refused(place: str) -> None:
    assert c.RegisterEmployer.model_validate_json(REGISTRATION).employer == CAFE
    with pytest.raises(ValidationError, match="stranger"):
        c.RegisterEmployer.model_validate_json(REGISTRATION.replace(f'"{place}":', f'"stranger":1,"{place}":'))


def test_a_fact_has_the_day_on_which_it_was_true() -> None:
    late = c.UpdateEmployer(contact=ANNA, effective_on=registered.today)
    after = given(registered, days_later(30)).when(late).granted()
    assert after.events[-1].effective_on == registered.today
    assert str(after.case.deadlines[-1].due_on) == "2027-05-22"
