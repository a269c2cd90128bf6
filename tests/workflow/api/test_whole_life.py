"""A case lives its whole life over HTTP, on every main path, from registration to certificate or end."""

from datetime import date, timedelta

import pytest

from workflow.api.caller import refused
from workflow.api.life import STRAIGHT, Life, a_life, scorecard, somebody
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines


def test_a_straight_life_leads_from_state_to_state_and_each_answer_tells_event_and_case(service: Service) -> None:
    life = Life(service)

    for state, step in STRAIGHT.items():
        answer = step(life)

        assert isinstance(answer, dict)
        event, case = answer["event"], answer["case"]
        assert case["state"] == event["data"]["state"] == state
        assert case["version"] == event["caseversion"]
        assert case["position"] == event["position"]
        assert case["deadlines"] == event["data"]["deadlines"]
        assert event["subject"] == life.case_id
        assert case == life.case() | {"allowed_commands": case["allowed_commands"]}


def test_registration_answers_201_with_location_and_etag(service: Service) -> None:
    life = Life(service)

    answer = life.employer.post("/v1/cases", json=life.registration())

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/cases/{answer.json()['case']['case_id']}"
    assert answer.headers["etag"] == '"1"'
    assert life.employer.read(answer.headers["location"]) == answer.json()["case"]


def test_the_version_in_the_etag_grows_by_one_with_each_command(service: Service) -> None:
    life = a_life(service, "Registered")

    answer = life.send("record-standing", good=True, as_of=service.on(0))

    assert answer.headers["etag"] == '"2"'
    assert service.staff.get(life.path).headers["etag"] == '"2"'


def test_a_case_that_is_open_admits_no_second_for_the_account_and_links_to_the_first(service: Service) -> None:
    life = a_life(service, "Registered")

    problem = refused(life.employer.post("/v1/cases", json=life.registration()), 409, "case_exists")

    assert problem["existing"] == life.path


def test_a_closed_case_makes_room_for_another_of_the_account(service: Service) -> None:
    life = a_life(service, "Closed")
    first = life.case_id

    life.register()

    assert life.case_id != first
    assert life.case()["state"] == "Registered"


def test_each_deadline_explains_itself_and_its_last_step_is_its_date(service: Service) -> None:
    life = a_life(service, "NoticeFiled")

    deadlines = {deadline["name"]: deadline for deadline in life.case()["deadlines"]}

    assert deadlines.keys() == {"audit_start", "audit_submission", "notice_answer", "student_audit", "idle"}
    for deadline in deadlines.values():
        assert deadline["anchor"]
        assert deadline["owner"] in {"employer", "staff"}
        assert not deadline["missed"]
        assert deadline["due_on"] in deadline["explanation"][-1]
    ends_on = date.fromisoformat(life.case()["notice"]["ends_on"])
    assert deadlines["audit_submission"]["due_on"] == str(ends_on + timedelta(days=45))
    assert deadlines["audit_submission"]["explanation"] == [
        f"planned end {ends_on}",
        "+ 45 calendar days",
        f"= {ends_on + timedelta(days=45)}",
    ]


def test_a_notice_that_is_too_late_is_refused_with_the_earliest_date(service: Service) -> None:
    life = a_life(service, "SMSDeveloped")

    problem = refused(life.send("file-notice", life.employer, **life.notice(starts_in=13)), 409, "notice_too_late")

    assert service.on(14) in problem["detail"]
    assert problem["state"] == "SMSDeveloped"
    assert "file-notice" in problem["allowed_commands"]
    assert [error["pointer"] for error in problem["errors"]] == ["/starts_on"]


def test_all_guards_that_refuse_are_named_at_once(service: Service) -> None:
    life = Life(service)
    wrong = life.registration(headcount=25, classification_units=["1"]) | {"terms_accepted": False}

    problem = refused(life.employer.post("/v1/cases", json=wrong), 409)

    expected = {"employer_too_large", "unknown_classification_unit", "terms_not_accepted"}
    assert {blocker["code"] for blocker in problem["blockers"]} == expected
    assert all(blocker["detail"].endswith(".") for blocker in problem["blockers"])


@pytest.mark.parametrize(
    ("premium", "estimate"),
    [("1200.00", "900.00"), ("1333.33", "1000.00"), ("1333.32", "999.99"), ("250000.00", "1000.00"), ("0", "0.00")],
)
def test_the_incentive_is_three_quarters_of_the_premium_and_a_thousand_at_most(
    service: Service, premium: str, estimate: str
) -> None:
    life = a_life(service, "QAPassed")
    employer = life.case()["employer"] | {"base_premium": {"amount": premium, "currency": "CAD"}}
    life.do("update-employer", employer=employer)

    case = life.certify()["case"]

    assert case["incentive_estimate"]["amount"] == estimate
    assert case["incentive_estimate"]["currency"] == "CAD"
    assert any("75 %" in step for step in case["incentive_estimate"]["explanation"])


def test_without_a_known_premium_there_is_no_estimate(service: Service) -> None:
    life = a_life(service, "Certified")

    assert life.case()["employer"]["base_premium"] is None
    assert life.case()["incentive_estimate"] is None


def test_the_package_for_worksafebc_exists_once_the_review_is_passed(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    refused(service.staff.get(f"{life.path}/worksafebc-package"), 404, "not_found")
    life.decide()

    package = service.staff.read(f"{life.path}/worksafebc-package")

    assert package["employer"] == life.case()["employer"]
    assert package["overall"] == {"earned": 720, "available": 800}
    assert {(e["code"], e["earned"], e["available"]) for e in package["elements"]} == {
        (score["code"], score["earned"], score["available"]) for score in scorecard()
    }
    assert package["auditor_id"] == life.case()["champion"]["person_id"]
    assert package["forwarded_on"] is None
    life.do("forward-to-worksafebc")
    assert service.staff.read(f"{life.path}/worksafebc-package")["forwarded_on"] == service.on(0)


def test_one_weak_element_fails_the_review_and_another_notice_leads_to_a_pass(service: Service) -> None:
    life = a_life(service, "QAFailed")
    assert life.case()["qa"]["result"] == "failed"
    assert life.case()["qa"]["failed_elements"] == ["hazards"]
    assert life.case()["qa"]["overall"] == {"earned": 7 * 90 + 49, "available": 800}

    life.file_notice()
    life.submit_audit()
    assert life.case()["qa"] is None
    case = life.decide()["case"]

    assert case["state"] == "QAPassed"
    assert case["qa"]["failed_elements"] == []
    assert life.certify()["case"]["certificate"] == {
        "number": "SECOR-1",
        "issued_on": service.on(0),
        "expires_on": str(service.today.replace(year=service.today.year + 3)),
    }


@pytest.mark.parametrize(("earned", "state"), [(80, "QAPassed"), (79, "QAFailed")])
def test_eighty_percent_passes_and_less_does_not(service: Service, earned: int, state: str) -> None:
    life = a_life(service, "NoticeFiled")
    life.submit_audit(earned)

    assert life.decide()["case"]["state"] == state


def test_an_audit_is_returned_for_corrections_and_comes_back_with_every_note_answered(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    life.assign_reviewer()
    notes = [{"element": "hazards", "text": "Where is the list?"}, {"text": "Sign it, please."}]
    case = life.do("return-audit", service.reviewer, notes=notes)["case"]
    assert case["audit"]["returned"]
    assert [note["element"] for note in case["audit"]["notes"]] == ["hazards", None]
    assert "corrections" in {deadline["name"] for deadline in case["deadlines"]}
    refused(life.send("decide-qa", service.reviewer), 409, "already_returned")

    answers = [{"note_id": note["note_id"], "text": "Done."} for note in case["audit"]["notes"]]
    refused(life.send("resubmit-audit", life.employer, **life.audit(), answers=answers[:1]), 409, "notes_not_answered")
    case = life.do("resubmit-audit", life.employer, **life.audit(95), answers=answers)["case"]

    assert case["audit"]["round"] == 2
    assert all(note["answered"] for note in case["audit"]["notes"])
    assert life.do("decide-qa", service.reviewer)["case"]["qa"]["overall"]["earned"] == 760


def test_an_audit_that_cannot_be_reviewed_is_rejected_and_that_is_no_fail(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    life.assign_reviewer()

    case = life.do("reject-audit", service.reviewer, reason="Unreadable.")["case"]

    assert (case["state"], case["qa"], case["audit"], case["notice"]) == ("SMSDeveloped", None, None, None)


def test_another_champion_starts_untrained_and_voids_the_notice(service: Service) -> None:
    life = a_life(service, "NoticeFiled")

    replacement = {"person": somebody("Rosa"), "employment": "owner", "reason": "Moved away."}
    case = life.do("replace-champion", life.employer, **replacement)["case"]

    assert (case["state"], case["notice"], case["champion"]["trained_on"]) == ("ChampionNamed", None, None)


def test_a_refusal_of_worksafebc_may_be_answered_by_forwarding_again(service: Service) -> None:
    life = a_life(service, "QAPassed")
    life.do("forward-to-worksafebc")
    life.do("record-worksafebc-refusal", service.integration, reason="Arrears.")

    assert life.certify()["case"]["state"] == "Certified"


def test_gaps_are_shown_with_where_help_is_found(service: Service) -> None:
    life = a_life(service, "ChampionNamed")

    assessment = life.assess(hazards="gap", training="gap")["case"]["self_assessment"]

    assert (assessment["assessed"], assessment["total"]) == (8, 8)
    assert [gap["code"] for gap in assessment["gaps"]] == ["hazards", "training"]
    assert all(resource["url"].startswith("https://") for gap in assessment["gaps"] for resource in gap["resources"])
    assert all(gap["resources"] for gap in assessment["gaps"])


@pytest.mark.parametrize("state", ["Registered", "NoticeFiled", "Certified"])
def test_an_employer_may_leave_at_any_time(service: Service, state: str) -> None:
    life = a_life(service, state)

    case = life.do("withdraw", life.employer, reason="We sold the house.")["case"]

    assert (case["state"], case["deadlines"], case["allowed_commands"]) == ("Closed", [], [])
