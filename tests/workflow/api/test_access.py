"""Who may see and do what: each role, each thing that can be read; an employer nothing but its own case."""

from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import ROLES, Service

EVERYBODY = {*ROLES, "employer"}
MAY_READ: dict[str, set[str]] = {
    "/v1/me": EVERYBODY,
    "/v1/machine": EVERYBODY,
    "/v1/policy": EVERYBODY,
    "/v1/cases": EVERYBODY,
    "/v1/cases/{case}": EVERYBODY,
    "/v1/cases/{case}/commands": EVERYBODY,
    "/v1/cases/{case}/events": EVERYBODY,
    "/v1/cases/{case}/documents": EVERYBODY - {"reader", "notifier"},
    "/v1/cases/{case}/documents/{document}": EVERYBODY - {"reader", "notifier"},
    "/v1/cases/{case}/documents/{document}/content": EVERYBODY - {"reader", "notifier"},
    "/v1/cases/{case}/audit/rounds": EVERYBODY,
    "/v1/scorecard-template.xlsx": EVERYBODY,
    "/v1/cases/{case}/worksafebc-package": {"staff", "qa_reviewer", "integration", "admin", "notifier"},
    "/v1/cases/{case}/worksafebc-package.zip": {"staff", "qa_reviewer", "integration", "admin", "notifier"},
    "/v1/events": EVERYBODY - {"employer"},
    "/v1/events/head": EVERYBODY - {"employer"},
    "/v1/events/pages/{number}": EVERYBODY - {"employer"},
    "/v1/people/{person}": {"employer", "staff", "qa_reviewer", "admin", "notifier"},
    "/v1/texts/{text}": {"employer", "staff", "qa_reviewer", "admin", "notifier"},
    "/v1/keys": {"admin"},
    "/v1/keys/{key}": {"admin"},
    "/v1/actors/{actor}/identities": {"admin"},
    "/v1/refusals": {"admin"},
    "/v1/sandbox/clock": {"admin"},
}
OPEN = (
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/problems/not_found",
    "/schemas/NoticeFiled.v1.json",
)


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


def written_out(path: str, life: Life) -> str:
    case = life.case()
    key = life.service.admin.read("/v1/keys")["items"][0]["key_id"]
    text, document = case["hold"]["reason_id"], case["audit"]["documents"][0]["document_id"]
    return path.format(
        case=life.case_id,
        person=case["contact_id"],
        text=text,
        document=document,
        key=key,
        number=1,
        actor="clerk",
    )


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize("path", MAY_READ)
def test_a_role_reads_what_it_may_and_nothing_else(life: Life, path: str, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)

    answer = caller.get(written_out(path, life))

    if role in MAY_READ[path]:
        assert answer.status_code == 200
    else:
        assert role in refused(answer, 403, "forbidden")["detail"]


def test_each_thing_that_can_be_read_stands_in_the_table_above(service: Service) -> None:
    paths = service.nobody.read("/openapi.json")["paths"]

    read = {path for path, operations in paths.items() if "get" in operations and path.startswith("/v1/")}

    assert {path.replace("_id}", "}") for path in read} == MAY_READ.keys()


@pytest.mark.parametrize("path", MAY_READ)
@pytest.mark.parametrize(
    "credential",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer secor_wrong", "Basic c2Vjb3I6eA==", "secor_wrong"],
)
def test_without_a_valid_key_nothing_is_read(life: Life, path: str, credential: str | None) -> None:
    headers = {} if credential is None else {"Authorization": credential.strip()}

    answer = life.service.nobody.get(written_out(path, life), headers=headers)

    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_a_valid_key_nothing_is_written_nor_is_it_said_what_would_be_wrong(life: Life) -> None:
    before = life.case()

    for path in (f"{life.path}/commands/place-hold", f"{life.path}/commands/nonsense", "/v1/cases", "/v1/keys"):
        refused(life.service.nobody.post(path, content=b"{"), 401, "unauthenticated")

    assert life.case() == before


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_documentation_are_open_to_all(service: Service, path: str) -> None:
    assert service.nobody.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [path for path in MAY_READ if "{case}" in path and "employer" in MAY_READ[path]]
    + ["/v1/people/{person}", "/v1/texts/{text}"],
)
def test_an_employer_finds_nothing_of_another_and_is_told_as_if_it_did_not_exist(
    life: Life, stranger: Life, path: str
) -> None:
    theirs = stranger.employer.get(written_out(path, life))
    nowhere = stranger.employer.get(path.format(**dict.fromkeys(("case", "person", "text", "document"), "0" * 32)))

    assert refused(theirs, 404, "not_found")["detail"] == refused(nowhere, 404, "not_found")["detail"]


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("withdraw", {"reason": "Revenge."}),
        ("declare-sms", {}),
        ("place-hold", {"reason": "Revenge."}),
        ("decide-qa", {}),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}], ids=["plain", "if-match"])
def test_an_employer_can_do_nothing_to_another(
    life: Life, stranger: Life, command: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    before = life.case()

    refused(life.send(command, stranger.employer, headers=headers, **body), 404, "not_found")

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


@pytest.mark.parametrize("role", ["qa_reviewer", "reader", "notifier", "admin"])
def test_others_register_nobody(service: Service, role: str) -> None:
    refused(service.of_role(role).post("/v1/cases", json=Life(service).registration()), 403, "role_not_allowed")


@pytest.mark.parametrize("role", sorted(EVERYBODY - {"admin"}))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/keys"), ("DELETE", "/v1/keys/{key}"), ("POST", "/v1/people/{person}:erase"),
        ("POST", "/v1/texts/{text}:erase"), ("PUT", "/v1/sandbox/clock"),
        ("POST", "/v1/cases/{case}/documents/{document}:erase"),
    ],
)  # fmt: skip
def test_what_is_the_admins_nobody_else_does(life: Life, method: str, path: str, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)
    body = {"reason": "Asked."} if "erase" in path else {"role": "admin"} if "keys" in path else {"advance": "P1D"}

    refused(caller.request(method, written_out(path, life), json=body), 403, "forbidden")


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
