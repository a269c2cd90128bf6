"""Each command of the machine is one documented operation of the API, with its own body, summary and roles."""

from typing import Any

import pytest

from secor_workflow.domain.roads import COMMANDS, Command
from workflow.api.caller import refused
from workflow.api.life import a_life
from workflow.api.service import Service

OF_THE_CLOCK = {"lapse_training", "miss_deadline"}
ELSEWHERE = {"add_document", "erase_person"}
"""A document comes with its file, and a person is erased where people are."""
AS_JSON = [command for name, command in COMMANDS.items() if name not in {*OF_THE_CLOCK, *ELSEWHERE}]


@pytest.fixture(scope="module")
def document(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.nobody.read("/openapi.json")
    return found


def operations(document: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each operation by its id, with its path."""
    return {
        operation["operationId"]: (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }


def test_the_commands_over_http_are_those_of_the_machine_but_for_the_clocks(document: dict[str, Any]) -> None:
    commands = {operation["x-command"] for _, operation in operations(document).values() if "x-command" in operation}

    assert commands == COMMANDS.keys() - OF_THE_CLOCK - {"erase_person"}


@pytest.mark.parametrize("command", AS_JSON, ids=lambda command: command.slug)
def test_a_command_is_one_operation_with_its_own_body_summary_and_roles(
    document: dict[str, Any], command: Command
) -> None:
    path, operation = operations(document)[command.name]

    opening = command.name == "register_employer"
    assert path == ("/v1/cases" if opening else f"/v1/cases/{{case_id}}/commands/{command.slug}")
    assert operation["summary"]
    assert operation["x-roles"] == list(command.roles)
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert body == f"#/components/schemas/{command.wish.__name__}"
    assert document["components"]["schemas"][command.wish.__name__]["additionalProperties"] is False
    assert operation["responses"].keys() >= {"201" if opening else "200", "401", "403", "409", "422", "503"}


def test_a_document_is_handed_in_as_a_form_or_as_bytes(document: dict[str, Any]) -> None:
    path, operation = operations(document)["add_document"]

    assert path == "/v1/cases/{case_id}/documents"
    assert operation["x-roles"] == ["employer", "staff"]
    content = operation["requestBody"]["content"]
    assert content.keys() == {"multipart/form-data", "application/octet-stream"}
    form = document["components"]["schemas"]["DocumentForm"]
    assert (form["required"], form["additionalProperties"]) == (["kind", "file"], False)
    assert operation["responses"].keys() >= {
        "200",
        "201",
        "400",
        "401",
        "403",
        "404",
        "409",
        "410",
        "412",
        "413",
        "415",
    }


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            here = [str(part["$ref"])] if isinstance(part.get("$ref"), str) else []
            return here + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    found = references(document)

    assert found
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_the_state_of_a_case_is_an_enumeration_of_the_machines_states(
    service: Service, document: dict[str, Any]
) -> None:
    states = document["components"]["schemas"]["CaseView"]["properties"]["state"]["enum"]

    assert states == service.reader.read("/v1/machine")["states"]


@pytest.mark.parametrize("slug", ["miss-deadline", "lapse-training"])
def test_what_is_the_clocks_own_nobody_may_send(service: Service, slug: str) -> None:
    life = a_life(service, "Registered")

    refused(life.send(slug, service.admin, deadline="idle"), 403, "role_not_allowed")


def test_a_command_that_does_not_exist_is_not_found(service: Service) -> None:
    refused(a_life(service, "Registered").send("fire-everybody"), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_state_can_be_set_by_nobody(service: Service, method: str) -> None:
    life = a_life(service, "Registered")

    problem = service.staff.request(method, life.path, json={"state": "Certified"})

    assert refused(problem, 405)["code"] == "method_not_allowed"
    assert life.case()["state"] == "Registered"


def test_the_documentation_can_be_read_by_people(service: Service) -> None:
    assert "text/html" in service.nobody.get("/docs").headers["content-type"]
