"""The champion's training: booked, completed, good for twelve months, taken again when these are over."""

from datetime import date

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from workflow.domain.examples import (
    ANNA,
    BORIS,
    COURSE,
    audit_submitted,
    certified,
    champion_named,
    enrol_in_training,
    extend_deadline,
    file_notice,
    qa_failed,
    qa_passed,
    record_training,
    replace_champion,
    sms_developed,
    trained,
)
from workflow.specification import TODAY, Given, given, id_of, on

LAST_DAY = date(2027, 11, 22)
"""The last on which a champion trained today may start the student audit."""
OVER = date(2027, 11, 23)


def completed(on: date = TODAY, until: date = LAST_DAY, course: str = COURSE) -> e.TrainingCompleted:
    return e.TrainingCompleted(
        person_id=id_of(ANNA),
        course=course,
        completed_on=on,
        certificate_number="IA-7",
        qualified_until=until,
    )


def test_the_champion_is_enrolled() -> None:
    given(champion_named).when(enrol_in_training()).then(
        e.TrainingBooked(person_id=id_of(ANNA), course=COURSE, starts_on=date(2026, 12, 1)),
        state="ChampionNamed",
        deadlines={"training": "2027-02-20", "idle": "2027-05-22"},
    )


def test_completed_training_opens_the_year_of_the_student_audit() -> None:
    given(champion_named).when(record_training()).then(
        completed(),
        state="Trained",
        deadlines={"sms": "2027-05-22", "idle": "2027-05-22", "student_audit": "2027-11-22"},
    ).explains(
        "student_audit",
        "training completed 2026-11-22",
        "+ 12 months",
        "= 2027-11-22",
        anchor="trained_on",
        owner="employer",
    ).explains(
        "sms", "training recorded 2026-11-22", "+ 6 months", "= 2027-05-22", anchor="trained_on", owner="employer"
    )


def test_the_year_counts_from_completion_and_not_from_its_record() -> None:
    when = given(champion_named, on(date(2027, 1, 4))).when(record_training(date(2026, 6, 30)))
    when.then(
        completed(date(2026, 6, 30), date(2027, 6, 30)),
        state="Trained",
        deadlines={"student_audit": "2027-06-30", "sms": "2027-07-04", "idle": "2027-07-04"},
    )


def test_training_that_ended_on_29_february_is_good_until_28_february() -> None:
    when = given(champion_named, on(date(2028, 2, 29))).when(record_training(date(2028, 2, 29)))
    assert when.deadline("student_audit").due_on == date(2029, 2, 28)


@pytest.mark.parametrize("course", ["secor-internal-auditor", "cor-internal-auditor"])
def test_both_courses_of_the_programme_count(course: str) -> None:
    assert given(champion_named).when(enrol_in_training(course)).case.state == "ChampionNamed"
    assert given(champion_named).when(record_training(course=course)).case.state == "Trained"


def test_another_course_is_refused_with_those_there_are() -> None:
    for wish in (enrol_in_training("first-aid"), record_training(course="first-aid")):
        given(champion_named).when(wish).refused("unknown_course", "first-aid", COURSE, at="/course")


def test_training_is_not_completed_in_the_future() -> None:
    given(champion_named).when(record_training(date(2026, 11, 23))).refused(
        "training_date_wrong", "in the future", "today is 2026-11-22", at="/completed_on"
    )


def test_training_is_not_older_than_the_programme() -> None:
    given(champion_named).when(record_training(date(2010, 12, 31))).refused(
        "training_date_wrong", "began on 2011-01-01", at="/completed_on"
    )


def test_everything_that_is_wrong_with_a_training_is_said_at_once() -> None:
    given(audit_submitted).when(record_training(date(2030, 1, 1), "first-aid")).refused_by(
        "champion_already_trained", "unknown_course", "training_date_wrong"
    )


AFTER_THE_AUDIT = pytest.mark.parametrize(
    "case", [audit_submitted, qa_passed, qa_failed, certified], ids=lambda case: case.case.state
)


@AFTER_THE_AUDIT
def test_a_champion_in_the_year_of_the_student_audit_is_not_trained_again(case: Given) -> None:
    for wish in (enrol_in_training(), record_training()):
        given(case, on(LAST_DAY)).when(wish).refused("champion_already_trained", "until 2027-11-22")


@AFTER_THE_AUDIT
def test_a_champion_whose_year_is_over_is_trained_again_where_the_case_stands(case: Given) -> None:
    when = given(case, on(OVER), enrol_in_training()).when(record_training(OVER))
    assert when.case.state == case.case.state
    assert when.case.champion
    assert when.case.champion.qualified_until == date(2028, 11, 23)


def test_retraining_after_a_failed_review_lets_a_notice_be_filed_again() -> None:
    late = given(qa_failed, on(OVER))
    again = file_notice(date(2027, 12, 7))
    late.when(again).refused("outside_student_audit_window", "2027-11-22", at="/starts_on")
    retrained = given(late, record_training(OVER))
    assert str(retrained.case.deadline("student_audit").due_on) == "2028-11-23"  # type: ignore[union-attr]  # else it fails
    assert retrained.when(again).case.state == "NoticeFiled"


@pytest.mark.parametrize("case", [trained, sms_developed], ids=lambda case: case.case.state)
def test_when_the_year_is_over_the_training_lapses(case: Given) -> None:
    when = given(case, on(OVER)).when(c.LapseTraining())
    when.then(
        e.TrainingLapsed(person_id=id_of(ANNA), qualified_until=LAST_DAY),
        state="ChampionNamed",
        deadlines={"training": "2028-02-21", "idle": "2028-05-23"},
    ).explains(
        "training",
        "training lapsed 2027-11-23",
        "+ 90 calendar days",
        "= 2028-02-21",
        anchor="lapsed_on",
        owner="employer",
    )
    assert when.case.champion
    assert when.case.champion.trained_on is None


@pytest.mark.parametrize("case", [trained, sms_developed], ids=lambda case: case.case.state)
def test_on_its_last_day_the_training_has_not_lapsed(case: Given) -> None:
    given(case, on(LAST_DAY)).when(c.LapseTraining()).refused("training_has_not_lapsed", "due on 2027-11-22")


def test_more_time_for_the_student_audit_is_a_longer_qualification() -> None:
    extended = given(sms_developed, extend_deadline("student_audit", date(2028, 1, 31)))
    given(extended, on(date(2028, 1, 31))).when(c.LapseTraining()).refused("training_has_not_lapsed", "2028-01-31")
    assert given(extended, on(OVER)).when(file_notice(date(2028, 1, 31))).case.state == "NoticeFiled"
    given(extended, on(OVER)).when(file_notice(date(2028, 2, 1))).refused(
        "outside_student_audit_window", "2028-01-31", at="/starts_on"
    )


def test_the_lapsed_training_is_taken_again_by_the_same_champion() -> None:
    again = given(sms_developed, on(OVER), c.LapseTraining(), record_training(OVER))
    assert again.case.state == "Trained"
    assert again.case.champion
    assert again.case.champion.person_id == id_of(ANNA)


def test_training_belongs_to_the_person() -> None:
    case = given(trained, replace_champion(), record_training()).case
    assert case.champion
    assert case.champion.person_id == id_of(BORIS)
