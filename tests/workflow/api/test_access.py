"""What credentials open, and an employer nothing but its own; tests/access asks for the whole table of access."""

from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    """A case that has everything which can be read."""
    life = a_life(service, "QAPassed")
    life.do("place-hold", reason="Fire.")
    return life


@pytest.fixture(scope="module")
def stranger(service: Service) -> Life:
    """Another employer, with a case of its own."""
    return a_life(service, "Registered")


@pytest.mark.parametrize(
    "credential",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer secor_wrong", "Basic c2Vjb3I6eA==", "secor_wrong"],
)
def test_without_a_valid_key_nothing_is_read(life: Life, credential: str | None) -> None:
    headers = {} if credential is None else {"Authorization": credential.strip()}

    answer = life.service.nobody.get(life.path, headers=headers)

    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_a_valid_key_nothing_is_written_nor_is_it_said_what_would_be_wrong(life: Life) -> None:
    before = life.case()

    for path in (f"{life.path}/commands/place-hold", f"{life.path}/commands/nonsense", "/v1/cases", "/v1/keys"):
        refused(life.service.nobody.post(path, content=b"{"), 401, "unauthenticated")

    assert life.case() == before


def test_without_a_valid_key_it_is_not_said_what_is_wrong_with_the_address(life: Life) -> None:
    for path in ("/v1/cases?limit=1&limit=2", "/v1/cases?limit=many", "/v1/events/pages/none", "/v1/cases/none"):
        refused(life.service.nobody.get(path), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("withdraw", {"reason": "Revenge."}),
        ("declare-sms", {}),
        ("place-hold", {"reason": "Revenge."}),
        ("decide-qa", {}),
    ],
)
def test_an_employer_can_do_nothing_to_another(life: Life, stranger: Life, command: str, body: dict[str, Any]) -> None:
    before = life.case()

    refused(life.send(command, stranger.employer, **body), 404, "not_found")

    assert life.case() == before


def test_an_employer_lists_its_own_case_alone(service: Service, life: Life, stranger: Life) -> None:
    assert [item["case_id"] for item in stranger.employer.read("/v1/cases")["items"]] == [stranger.case_id]
    assert stranger.employer.read("/v1/cases", q=life.account)["items"] == []
    assert stranger.employer.read("/v1/cases", state="QAPassed")["items"] == []


def test_an_employer_sees_its_earlier_cases_too(service: Service) -> None:
    life = a_life(service, "Closed")
    first = life.case_id
    life.register()

    assert [item["case_id"] for item in life.employer.read("/v1/cases")["items"]] == [first, life.case_id]


def test_an_employer_registers_its_own_account_only(service: Service) -> None:
    life, other = Life(service), Life(service)

    problem = refused(life.employer.post("/v1/cases", json=other.registration()), 403, "account_not_yours")

    assert problem["errors"][0]["pointer"] == "/employer/worksafebc_account"
    assert other.employer.read("/v1/cases")["items"] == []


def test_an_employer_does_not_learn_whether_another_account_has_a_case(life: Life, stranger: Life) -> None:
    answer = stranger.employer.post("/v1/cases", json=life.registration())

    problem = refused(answer, 403, "account_not_yours")

    assert "existing" not in problem
    assert [blocker["code"] for blocker in problem["blockers"]] == ["account_not_yours"]
    assert life.case_id not in answer.text


@pytest.mark.parametrize("role", ["staff", "integration"])
def test_staff_and_integrations_register_for_an_employer(service: Service, role: str) -> None:
    life = Life(service)

    answer = service.of_role(role).post("/v1/cases", json=life.registration())

    assert answer.status_code == 201
    assert answer.json()["event"]["actorrole"] == role


def test_separation_of_duties_says_which(service: Service) -> None:
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    two_hats = service.new_caller("staff", actor_id="two-hats")
    service.new_key("qa_reviewer", actor_id="two-hats")
    life.do("submit-audit", two_hats, **life.audit())

    problem = refused(life.send("assign-reviewer", reviewer="two-hats"), 403, "reviewer_submitted")

    assert "Separation of duties" in problem["detail"]


def test_only_the_assigned_reviewer_decides(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    refused(life.send("decide-qa", service.reviewer), 403, "not_the_assigned_reviewer")
    life.assign_reviewer()
    another = service.new_caller("qa_reviewer", actor_id="another")

    refused(life.send("decide-qa", another), 403, "not_the_assigned_reviewer")
    refused(life.send("assign-reviewer", reviewer="clerk"), 409, "not_a_reviewer")
