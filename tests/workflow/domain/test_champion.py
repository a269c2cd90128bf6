"""The safety champion: permanent or owner, one at a time; a successor starts untrained in whatever state."""

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.commands import DeclareSms
from secor_workflow.domain.values import Employment
from workflow.domain.examples import (
    ANNA,
    BORIS,
    BY_STATE,
    audit_submitted,
    certified,
    champion_named,
    file_notice,
    name_champion,
    notice_filed,
    qa_failed,
    qa_passed,
    record_training,
    registered,
    reject_audit,
    replace_champion,
    sms_developed,
    trained,
    under_review,
)
from workflow.specification import Given, days_later, given, id_of

BEFORE_THE_AUDIT = [champion_named, trained, sms_developed, notice_filed]
AFTER_THE_AUDIT = [audit_submitted, qa_passed, qa_failed, certified]


def state_of(case: Given) -> str:
    return case.case.state


def test_a_champion_is_named() -> None:
    given(registered).when(name_champion()).then(
        e.ChampionNamed(person_id=id_of(ANNA), employment="permanent"),
        state="ChampionNamed",
        deadlines={"training": "2027-02-20", "idle": "2027-05-22"},
    ).explains(
        "training",
        "champion named 2026-11-22",
        "+ 90 calendar days",
        "= 2027-02-20",
        anchor="named_on",
        owner="employer",
    )


@pytest.mark.parametrize("employment", ["permanent", "owner"])
def test_a_champion_is_a_permanent_employee_or_the_owner(employment: Employment) -> None:
    assert given(registered).when(name_champion(employment=employment)).case.state == "ChampionNamed"


def test_nobody_else_becomes_champion() -> None:
    given(registered).when(name_champion(employment="other")).refused(
        "champion_not_permanent", "permanent employee or the owner", at="/employment"
    )


@pytest.mark.parametrize("before", BEFORE_THE_AUDIT, ids=state_of)
def test_before_the_audit_a_successor_begins_with_the_training(before: Given) -> None:
    when = given(before, days_later(1)).when(replace_champion())
    when.then(
        e.ChampionReplaced(
            person_id=id_of(BORIS),
            employment="owner",
            previous_person_id=id_of(ANNA),
            reason_id=id_of("Anna left."),
            notice_voided=before is notice_filed,
        ),
        state="ChampionNamed",
        deadlines={"training": "2027-02-21", "idle": "2027-05-23"},
    )
    assert when.case.notice is None
    assert when.case.champion
    assert when.case.champion.trained_on is None


@pytest.mark.parametrize(
    ("before", "stays"),
    [
        (audit_submitted, {"qa_decision": "2027-01-07"}),
        (qa_passed, {"forwarding": "2026-12-24"}),
        (qa_failed, {"new_notice": "2027-06-08"}),
        (certified, {"certificate_expiry": "2029-12-10"}),
    ],
    ids=lambda value: value.case.state if isinstance(value, Given) else "",
)
def test_after_the_audit_the_case_stays_where_it_is(before: Given, stays: dict[str, str]) -> None:
    when = given(before, days_later(1)).when(replace_champion())
    when.then(
        e.ChampionReplaced(
            person_id=id_of(BORIS),
            employment="owner",
            previous_person_id=id_of(ANNA),
            reason_id=id_of("Anna left."),
            notice_voided=False,
        ),
        state=before.case.state,
        deadlines={**stays, "training": "2027-03-11", "idle": "2027-06-11"},
    )
    assert when.case.notice == before.case.notice


@pytest.mark.parametrize("before", [*BEFORE_THE_AUDIT, *AFTER_THE_AUDIT], ids=state_of)
def test_the_same_person_is_no_successor(before: Given) -> None:
    given(before).when(replace_champion(ANNA)).refused(
        "same_champion", "already is the champion", "e-mail", at="/person/email"
    )


def test_everything_that_is_wrong_with_a_successor_is_said_at_once() -> None:
    given(trained).when(replace_champion(ANNA, "other")).refused_by("same_champion", "champion_not_permanent")


@pytest.mark.parametrize("before", AFTER_THE_AUDIT, ids=state_of)
def test_after_the_audit_a_successor_is_trained_where_the_case_stands(before: Given) -> None:
    case = given(before, replace_champion(), record_training(before.today)).case
    assert case.state == before.case.state
    assert case.champion
    assert (case.champion.person_id, case.champion.trained_on) == (id_of(BORIS), before.today)


def test_after_a_failed_review_an_untrained_successor_files_no_notice() -> None:
    replaced = given(qa_failed, replace_champion())
    again = file_notice(replaced.today.replace(year=2027))
    replaced.when(again).refused("champion_not_trained", "has not completed the training")
    assert given(replaced, record_training(replaced.today)).when(again).case.state == "NoticeFiled"


def test_a_rejected_audit_sends_an_untrained_successor_to_the_training() -> None:
    """In SMSDeveloped the successor could neither be trained nor file a notice."""
    rejected = given(under_review, replace_champion(), reject_audit())
    assert rejected.case.state == "ChampionNamed"
    assert given(rejected, record_training(rejected.today), DeclareSms()).case.state == "SMSDeveloped"


def test_a_case_in_each_state_but_the_first_and_last_has_a_champion() -> None:
    with_champion = {state for state, example in BY_STATE.items() if example.case.champion}
    assert with_champion == set(BY_STATE) - {"Unregistered", "Registered", "Closed"}
