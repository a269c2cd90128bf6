"""The rounds of an audit over HTTP: a whole story of submissions, told to those who see the case."""

from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, scorecard
from workflow.api.service import ROLES, Service
from workflow.files import XLSX, xlsx


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    """Returned, corrected, rejected; noticed anew and failed; noticed and submitted once more."""
    life = a_life(service, "AuditSubmitted")
    life.assign_reviewer()
    life.do("return-audit", service.reviewer, notes=[{"text": "Whose signature?", "element": "hazards"}])
    life.do("resubmit-audit", life.employer, **corrections(life))
    life.do("reject-audit", service.reviewer, reason="Unreadable.")
    life.file_notice()
    life.submit_audit(30)
    life.decide()
    life.file_notice()
    life.submit_audit(95)
    return life


def corrections(life: Life) -> dict[str, Any]:
    """Another scorecard, better points for one element, a map, and an answer to the note."""
    (note,) = life.case()["audit"]["notes"]
    tool, _ = life.documents()
    anew = [life.document("scorecard", xlsx(("corrected",)), "again.xlsx"), life.document("supporting")]
    return {
        **life.audit(90, hazards=95),
        "documents": [tool, *({"kind": one["kind"], "document_id": one["document_id"]} for one in anew)],
        "answers": [{"note_id": note["note_id"], "text": "The owner's."}],
    }


@pytest.fixture(scope="module")
def told(life: Life) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = life.employer.read(f"{life.path}/audit/rounds")["items"]
    return items


def test_every_submission_is_a_round_of_its_attempt(told: list[dict[str, Any]]) -> None:
    assert [(one["attempt"], one["round"], one["outcome"]) for one in told] == [
        (1, 1, "returned"), (1, 2, "rejected"), (2, 1, "failed"), (3, 1, None),
    ]  # fmt: skip


def test_a_round_points_into_the_case_s_history(life: Life, told: list[dict[str, Any]]) -> None:
    history = life.history()

    for one in told:
        event = history[one["version"] - 1]
        assert "Audit" in event["type"]
        assert (event["time"], event["actor"]) == (one["recorded_at"], one["submitted_by"])
        assert event["data"]["fact"]["scorecard"] == one["scorecard"]
        assert event["data"]["fact"]["documents"] == one["documents"]


def test_the_notes_that_returned_it_lead_to_their_words_and_answers(life: Life, told: list[dict[str, Any]]) -> None:
    (note,) = told[0]["notes"]

    assert (note["element"], note["answered"]) == ("hazards", True)
    assert life.employer.read(f"/v1/texts/{note['note_id']}")["text"] == "Whose signature?"
    assert life.employer.read(f"/v1/texts/{note['answer_id']}")["text"] == "The owner's."
    assert life.employer.read(f"/v1/texts/{told[1]['reason_id']}")["text"] == "Unreadable."


def test_what_changed_between_rounds_is_shown(told: list[dict[str, Any]]) -> None:
    assert told[0]["changes"] is None
    changes = told[1]["changes"]

    assert (changes["since_attempt"], changes["since_round"]) == (1, 1)
    assert changes["scores_changed"] == [
        {
            "code": "hazards",
            "before": {"code": "hazards", "earned": 90, "available": 100},
            "after": {"code": "hazards", "earned": 95, "available": 100},
        }
    ]
    (replaced,) = changes["documents_replaced"]
    assert replaced["kind"] == "scorecard"
    assert replaced["before"]["sha256"] != replaced["after"]["sha256"]
    assert replaced["after"]["media_type"] == XLSX
    assert [document["kind"] for document in changes["documents_added"]] == ["supporting"]
    assert changes["documents_removed"] == []


def test_a_new_attempt_is_compared_with_the_last_round_of_the_one_before(told: list[dict[str, Any]]) -> None:
    places = [(one["changes"]["since_attempt"], one["changes"]["since_round"]) for one in told[1:]]

    assert places == [(1, 1), (1, 2), (2, 1)]
    assert len(told[2]["changes"]["scores_changed"]) == 8
    assert [document["kind"] for document in told[2]["changes"]["documents_removed"]] == ["supporting"]


def test_a_failed_round_says_by_which_scores(told: list[dict[str, Any]]) -> None:
    assert told[2]["decision"] == {
        "scorecard": scorecard(30),
        "overall": {"earned": 240, "available": 800},
        "failed_elements": [score["code"] for score in scorecard()],
    }
    assert told[2]["total"] == told[2]["decision"]["overall"]
    assert told[3]["decision"] is None


@pytest.mark.parametrize("role", [*ROLES])
def test_everybody_who_reads_cases_reads_their_rounds(life: Life, told: list[dict[str, Any]], role: str) -> None:
    assert life.service.of_role(role).read(f"{life.path}/audit/rounds") == {"case_id": life.case_id, "items": told}


def test_an_employer_sees_its_own_alone(life: Life) -> None:
    stranger = life.service.new_employer(life.service.new_account())

    refused(stranger.get(f"{life.path}/audit/rounds"), 404, "not_found")
    refused(life.service.nobody.get(f"{life.path}/audit/rounds"), 401, "unauthenticated")


def test_a_case_without_an_audit_has_no_rounds(service: Service) -> None:
    assert service.staff.read(f"{a_life(service, 'Registered').path}/audit/rounds")["items"] == []


def test_nobody_reads_the_same_rounds_twice(life: Life) -> None:
    path = f"{life.path}/audit/rounds"
    tag = life.employer.get(path).headers["etag"]

    assert life.employer.get(path, headers={"If-None-Match": tag}).status_code == 304
