"""What may be done now, and why not the rest: the state x command table, as each caller is told it over HTTP."""

import pytest

from secor_workflow.domain.roads import COMMANDS
from workflow.api.bodies import BODIES, sent
from workflow.api.caller import refused
from workflow.api.life import STATES, Life, a_life
from workflow.api.service import ROLES, Service


def test_there_is_a_body_here_for_each_command() -> None:
    not_json_to_a_case = {"miss-deadline", "lapse-training", "register-employer", "add-document"}
    assert BODIES.keys() == {command.slug for command in COMMANDS.values()} - not_json_to_a_case


@pytest.fixture(scope="module", params=STATES)
def life(request: pytest.FixtureRequest, service: Service) -> Life:
    """A case in each state in turn."""
    return a_life(service, str(request.param))


@pytest.mark.parametrize("role", ["employer", *ROLES])
def test_available_is_what_is_allowed_and_the_rest_has_blockers(life: Life, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)

    told = caller.read(f"{life.path}/commands")
    case = caller.read(life.path)

    assert (told["case_id"], told["state"], told["version"]) == (life.case_id, case["state"], case["version"])
    assert {item["command"] for item in told["items"]} == BODIES.keys() | {
        "miss-deadline",
        "lapse-training",
        "add-document",
    }
    assert [item["command"] for item in told["items"] if item["available"]] == case["allowed_commands"]
    for item in told["items"]:
        assert item["available"] is (item["blockers"] == [])
        assert all(blocker["code"] and blocker["detail"] for blocker in item["blockers"])
        assert (role in item["roles"]) or not item["available"]


@pytest.mark.parametrize("role", ["employer", *ROLES])
def test_a_command_that_is_not_available_is_refused_with_the_same_codes(life: Life, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)
    before, seen = life.case(), caller.read(life.path)

    for item in caller.read(f"{life.path}/commands")["items"]:
        if item["available"] or item["href"] is None:
            continue
        answer = caller.post(item["href"], **sent(item["command"]))

        problem = refused(answer, answer.status_code if role in item["roles"] else 403)
        assert problem["status"] in {403, 409}
        assert {b["code"] for b in problem["blockers"]} >= {b["code"] for b in item["blockers"]}
        assert problem["code"] in {blocker["code"] for blocker in problem["blockers"]}
        assert problem["state"] == before["state"]
        assert problem["allowed_commands"] == seen["allowed_commands"]
    assert life.case() == before


def test_what_the_state_does_not_know_is_not_now_and_says_when(life: Life) -> None:
    state = life.case()["state"]

    for item in life.service.staff.read(f"{life.path}/commands")["items"]:
        known = state in COMMANDS[item["command"].replace("-", "_")].sources
        said = [blocker["detail"] for blocker in item["blockers"] if blocker["code"] == "not_now"]
        assert known is (said == [])
        assert all(state in sentence for sentence in said)


def test_each_command_says_where_to_post_it_and_what_its_body_looks_like(service: Service) -> None:
    life = a_life(service, "Registered")

    for item in service.staff.read(f"{life.path}/commands")["items"]:
        schema = service.nobody.read(item["schema_href"])
        assert schema["additionalProperties"] is False
        assert item["summary"]
        assert item["events"]
        assert (item["href"] is None) is (item["roles"] == ["clock"] or item["command"] == "erase-person")


@pytest.mark.parametrize("role", ["reader", "notifier"])
def test_some_roles_may_read_what_may_be_done_and_do_none_of_it(service: Service, role: str) -> None:
    life = a_life(service, "Registered")

    assert service.of_role(role).read(life.path)["allowed_commands"] == []


def test_guards_that_need_no_body_are_told_beforehand(service: Service) -> None:
    life = a_life(service, "Trained")
    life.assess(hazards="gap")

    items = {item["command"]: item for item in life.employer.read(f"{life.path}/commands")["items"]}

    assert [blocker["code"] for blocker in items["declare-sms"]["blockers"]] == ["open_gaps"]
    assert "hazards" in items["declare-sms"]["blockers"][0]["detail"]
