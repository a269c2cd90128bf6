"""The programme as data: the machine, the policy, every schema, and a page for each problem."""

from typing import Any

import pytest

from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.domain.events import FACTS
from secor_workflow.domain.roads import COMMANDS
from workflow.api.caller import refused
from workflow.api.life import COURSE, ELEMENTS, STATES
from workflow.api.service import Service

OF_THE_FILE = {"media_type_not_allowed": 422, "document_too_large": 413, "erased": 410}
"""What a document is refused for whatever the case's state; other guards speak of the case or of the caller."""


@pytest.fixture(scope="module")
def machine(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.reader.read("/v1/machine")
    return found


@pytest.fixture(scope="module")
def policy(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.reader.read("/v1/policy")
    return found


def test_the_machine_has_ten_states(machine: dict[str, Any]) -> None:
    assert machine["states"] == list(STATES)


def test_each_transition_leads_between_known_states_by_a_known_command_past_known_guards(
    machine: dict[str, Any],
) -> None:
    guards = {guard["name"] for guard in machine["guards"]}

    for transition in machine["transitions"]:
        assert transition["source"] in {None, *STATES}
        assert transition["target"] in STATES
        assert transition["inside"] is (transition["source"] == transition["target"])
        assert transition["command"] in machine["commands"]
        assert set(transition["guards"]) <= guards
        assert transition["roles"]
        assert set(transition["events"]) <= FACTS.keys()
    assert {transition["command"] for transition in machine["transitions"]} == set(machine["commands"])


def test_each_guard_says_its_rule_and_its_code_is_explained(service: Service, machine: dict[str, Any]) -> None:
    for guard in machine["guards"]:
        assert guard["says"].rstrip().endswith((".", ")"))
        status = service.nobody.read(f"/problems/{guard['code']}")["status"]
        assert status in ({OF_THE_FILE[guard["code"]]} if guard["code"] in OF_THE_FILE else {403, 409})


def test_the_diagram_is_mermaid_and_shows_every_state(machine: dict[str, Any]) -> None:
    assert machine["diagram"].startswith("stateDiagram-v2")
    assert all(state in machine["diagram"] for state in STATES)


def test_every_number_of_the_policy_names_its_source(policy: dict[str, Any]) -> None:
    for parameter in [*policy["numbers"].values(), policy["audit_tool_version"]]:
        assert parameter["source"]
        assert parameter["says"]
    for term in policy["deadlines"].values():
        assert term["source"]
        assert term["owner"] in {"employer", "staff"}
    assert policy["numbers"]["notice_lead_days"]["value"] == 14


def test_the_lists_of_the_policy_stand_at_the_top(policy: dict[str, Any]) -> None:
    assert [element["code"] for element in policy["elements"]] == list(ELEMENTS)
    assert all(element.keys() >= {"code", "title", "points", "resources"} for element in policy["elements"])
    assert COURSE in {course["code"] for course in policy["courses"]}
    assert "761035" in {unit["code"] for unit in policy["classification_units"]}
    assert {"audit_tool", "scorecard"} <= {kind["code"] for kind in policy["document_kinds"] if kind["required"]}


def test_the_policy_of_a_day_can_be_asked_for(service: Service, policy: dict[str, Any]) -> None:
    assert service.reader.read("/v1/policy", on="2026-06-01") == policy


@pytest.mark.parametrize("on", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", ""])
def test_a_day_that_is_none_is_refused(service: Service, on: str) -> None:
    refused(service.reader.get("/v1/policy", params={"on": on}), 422, "invalid_request")


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_problem_has_a_page(service: Service, code: str) -> None:
    page = service.nobody.read(f"/problems/{code}")

    assert page == {
        "code": code,
        "status": CATALOGUE[code].status,
        "title": CATALOGUE[code].title,
        "explanation": CATALOGUE[code].explanation,
    }
    assert page["explanation"].rstrip().endswith((".", ")", "`", "allowed_commands"))


def test_a_problem_that_does_not_exist_has_none(service: Service) -> None:
    refused(service.nobody.get("/problems/nonsense"), 404, "not_found")


@pytest.mark.parametrize("event", FACTS)
def test_each_event_has_a_schema(service: Service, event: str) -> None:
    schema = service.nobody.read(f"/schemas/{event}.v1.json")

    assert schema["type"] == "object"
    assert event in schema["$defs"]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.slug)
def test_each_command_has_a_schema(service: Service, command: Any) -> None:  # noqa: ANN401 (a command, parametrised)
    assert service.nobody.read(f"/schemas/{command.wish.__name__}.json")["type"] == "object"


@pytest.mark.parametrize("name", ["Nonsense.json", "Nonsense.v1.json", "NoticeFiled.v2.json", "NoticeFiled.json", "x"])
def test_a_schema_that_does_not_exist_is_not_found(service: Service, name: str) -> None:
    refused(service.nobody.get(f"/schemas/{name}"), 404, "not_found")
