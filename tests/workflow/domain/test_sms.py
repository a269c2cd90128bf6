"""The safety management system: assessed element by element, developed when no gap is left."""

import pytest

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.values import Assessed
from workflow.domain.examples import (
    ALL_IN_PLACE,
    ELEMENTS,
    assess,
    assessed,
    champion_named,
    qa_failed,
    sms_developed,
    trained,
)
from workflow.specification import Given, days_later, given

OWED = {"sms": "2027-05-22", "idle": "2027-05-22", "student_audit": "2027-11-22"}


def test_the_programme_has_eight_elements() -> None:
    assert ELEMENTS == (
        "management",
        "hazards",
        "procedures",
        "inspections",
        "investigation",
        "training",
        "administration",
        "representation",
    )


def test_some_elements_are_assessed() -> None:
    given(trained).when(assess("gap", ["training", "hazards"])).then(
        e.SelfAssessmentRecorded(
            elements=(Assessed(code="hazards", status="gap"), Assessed(code="training", status="gap")),
            gaps=("hazards", "training"),
            assessed=2,
            total=8,
        ),
        state="Trained",
        deadlines=OWED,
    )


def test_elements_not_named_keep_their_status() -> None:
    when = given(trained, assess("gap", ["hazards", "training"])).when(assess("in_place", ["hazards", "management"]))
    when.then(
        e.SelfAssessmentRecorded(
            elements=(
                Assessed(code="management", status="in_place"),
                Assessed(code="hazards", status="in_place"),
                Assessed(code="training", status="gap"),
            ),
            gaps=("training",),
            assessed=3,
            total=8,
        ),
        state="Trained",
        deadlines=OWED,
    )
    assert when.case.gaps == ("training",)


@pytest.mark.parametrize("case", [champion_named, sms_developed, qa_failed], ids=lambda case: case.case.state)
def test_an_assessment_leaves_the_case_where_it_is(case: Given) -> None:
    assert case.when(assess("gap")).case.state == case.case.state


def test_an_unknown_element_is_refused_with_those_there_are() -> None:
    given(trained).when(assess("gap", ["hazards", "coffee"])).refused(
        "unknown_element", "no element coffee", "representation", at="/elements/1/code"
    )


def test_an_element_has_one_status() -> None:
    given(trained).when(assess("gap", ["hazards", "training", "hazards"])).refused(
        "repeated_element", "hazards stands here twice", at="/elements/2/code"
    )


def test_everything_that_is_wrong_with_an_assessment_is_said_at_once() -> None:
    given(trained).when(assess("gap", ["coffee", "tea", "hazards", "hazards"])).refused_by(
        "unknown_element", "unknown_element", "repeated_element"
    )


def test_the_system_is_declared_developed() -> None:
    given(assessed, days_later(1)).when(c.DeclareSms()).then(
        e.SMSDeveloped(elements=ALL_IN_PLACE),
        state="SMSDeveloped",
        deadlines={"idle": "2027-05-23", "student_audit": "2027-11-22"},
    )


def test_an_element_that_does_not_apply_is_no_gap() -> None:
    assert given(assessed, assess("not_applicable", ["representation"]), c.DeclareSms()).case.state == "SMSDeveloped"


def test_an_element_nobody_looked_at_is_named() -> None:
    given(trained, assess("in_place", ELEMENTS[:-2])).when(c.DeclareSms()).refused(
        "elements_not_assessed", "administration, representation", "Record the self-assessment first"
    )


def test_an_open_gap_is_named() -> None:
    given(assessed, assess("gap", ["hazards"])).when(c.DeclareSms()).refused(
        "open_gaps", "hazards", "Close them and record the self-assessment again"
    )


def test_what_is_missing_and_what_is_open_are_said_at_once() -> None:
    given(trained, assess("gap", ["hazards"])).when(c.DeclareSms()).refused_by("elements_not_assessed", "open_gaps")
