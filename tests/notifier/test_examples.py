"""Whoever copies an example from the notifier's OpenAPI document sends something that the notifier takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifier.house import House

MONDAY = "2027-01-25T12:00:00-07:00"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as running:
        running.set_clock(now=MONDAY)
        yield running


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Method, path and body of every example, the makers of things before those who change them, and the clock last."""
    schemas = document["components"]["schemas"]
    for path, operations in sorted(document["paths"].items(), key=lambda one: ("clock" in one[0], one[0])):
        for method, told in operations.items():
            content = told.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            model = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            for example in [content["example"]] if "example" in content else model["examples"]:
                yield method.upper(), path, example


def test_each_example_of_a_body_is_taken(house: House) -> None:
    made: dict[str, str] = {}
    answers = {}
    for method, path, body in bodies(house.ask("/openapi.json").json()):
        answer = house.ask(path.format_map(made), method=method, json=body)
        answers[method, path] = answer.status_code, answer.text
        if answer.status_code == 201:
            made |= {name: value for name, value in answer.json().items() if name.endswith("_id")}

    assert len(answers) >= 8
    # An example about a letter or a person that there is not here is right all the same.
    assert {asked: told for asked, told in answers.items() if told[0] not in {200, 201, 202, 404}} == {}
    assert answers["POST", "/v1/rules:simulate"][0] == 200
