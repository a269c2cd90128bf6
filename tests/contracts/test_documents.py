"""The documents are valid by others' rules, whole, and the same as what a running service gives out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from contracts.declared import CONTRACTS, NOTIFIER, WORKFLOW, Contract, Operation
from secor_notifier.api.problems import MEANINGS
from secor_workflow.api.catalogue import CATALOGUE
from workflow.api.service import Service

EVENTS = sorted((CONTRACTS / "events").glob("*.json"))
ROLES = {"employer", "staff", "qa_reviewer", "integration", "reader", "admin", "notifier"}
both = pytest.mark.parametrize("contract", [WORKFLOW, NOTIFIER], ids=lambda contract: contract.name)
each = pytest.mark.parametrize(
    "operation", [*WORKFLOW.operations, *NOTIFIER.operations], ids=lambda one: f"{one.method} {one.path}"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}") as running:
        yield running


@both
def test_it_is_valid_openapi(contract: Contract) -> None:
    validate(contract.document)


@both
def test_it_says_whose_it_is_and_where(contract: Contract) -> None:
    assert contract.document["openapi"] == "3.1.0"
    assert contract.document["info"].keys() >= {"title", "version", "summary", "description", "contact", "license"}
    assert contract.document["servers"]
    assert contract.document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    told = [tag["name"] for tag in contract.document["tags"] if tag["description"]]
    assert {tag for operation in contract.operations for tag in operation.told["tags"]} == {*told}


@both
def test_operations_have_names_of_their_own(contract: Contract) -> None:
    names = [operation.name for operation in contract.operations]

    assert len({*names}) == len(names)
    assert all(name.isidentifier() and "v1" not in name for name in names)


@each
def test_an_operation_says_all_of_itself(operation: Operation) -> None:
    told = operation.told

    assert told["summary"]
    assert told["description"]
    assert len(told["tags"]) == 1
    for response in told["responses"].values():
        assert response["description"] not in {"", "Successful Response"}
        assert "X-Request-ID" in response["headers"]
    for status, response in told["responses"].items():
        assert int(status) < 400 or [*response["content"]] == ["application/problem+json"]


@each
def test_an_operation_is_open_or_says_for_whom_it_is(operation: Operation) -> None:
    told = operation.told

    if operation.path.startswith("/v1/"):
        assert told["security"] in ([{"apiKey": []}, {"token": []}], [{"apiKey": []}])  # tokens open the workflow
        assert {*told["x-roles"]} <= ROLES
        assert told["x-roles"]
    else:
        assert told["security"] == []
        assert "x-roles" not in told


@each
def test_the_example_of_a_body_is_what_its_schema_says(operation: Operation) -> None:
    contract = WORKFLOW if operation in WORKFLOW.operations else NOTIFIER
    content = operation.told.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema: dict[str, Any] = {**content["schema"], "components": contract.document["components"]}
    model = contract.document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]

    for example in [content["example"]] if "example" in content else model["examples"]:
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(example)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_the_schema_of_an_event_is_served_as_it_is_committed(service: Service, path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))

    jsonschema_rs.meta.validate(schema)
    assert service.nobody.read(f"/schemas/{path.name}") == schema
    assert schema["properties"]["dataschema"]["const"] == f"/schemas/{path.name}"


def test_every_problem_that_is_told_of_is_explained(service: Service) -> None:
    for code in CATALOGUE:
        assert service.nobody.read(f"/problems/{code}")["code"] == code


@pytest.mark.parametrize(
    ("contract", "codes"), [(WORKFLOW, CATALOGUE), (NOTIFIER, MEANINGS)], ids=["workflow", "notifier"]
)
def test_every_code_that_a_document_names_is_there(contract: Contract, codes: dict[str, object]) -> None:
    problems = (
        response["description"]
        for operation in contract.operations
        for status, response in operation.told["responses"].items()
        if int(status) >= 400
    )
    named = {line.split("`")[1] for told in problems for line in told.splitlines()}

    assert named
    assert named <= codes.keys()
