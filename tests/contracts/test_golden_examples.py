"""Every event that was ever written can still be read: the golden examples are parsed for ever."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from contracts.golden import EXAMPLES, write_missing
from secor_workflow.domain.events import FACTS
from secor_workflow.log.envelope import full_type, model_of, placed, read, write

CONTRACTS = EXAMPLES.parent
GOLDEN = sorted(EXAMPLES.glob("*.json"))
golden = pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)


def versioned(path: Path) -> str:
    """`NoticeFiled.v1` of `NoticeFiled.v1.json`, and of `NoticeFiled.v1.with-scope.json`."""
    return ".".join(path.name.split(".")[:2])


def says_all(told: Any, again: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Whether everything told is told again; fields of later versions may have come to it."""
    if isinstance(told, dict) and isinstance(again, dict):
        return all(key in again and says_all(value, again[key]) for key, value in told.items())
    if isinstance(told, list) and isinstance(again, list):
        return len(told) == len(again) and all(map(says_all, told, again))
    return bool(told == again)


def test_there_is_an_example_of_every_event() -> None:
    assert {versioned(path) for path in GOLDEN} >= {f"{name}.v{fact.schema_version}" for name, fact in FACTS.items()}


@golden
def test_an_example_is_still_read_and_written_again_says_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    name = versioned(path).partition(".")[0]

    event = read(name, text)
    again = json.loads(placed(write(event), event.position))

    assert event.type == name
    assert again["type"] == full_type(name)
    assert says_all(json.loads(text), again)


@golden
def test_what_is_put_together_from_its_parts_is_what_its_model_would_write(path: Path) -> None:
    text = path.read_text("utf-8")
    name = versioned(path).partition(".")[0]

    model = model_of(name).model_validate_json(text, extra="ignore")

    assert write(read(name, text)) == model.model_dump_json(exclude={"position"}, warnings=False)


@golden
def test_an_example_is_what_its_schema_says(path: Path) -> None:
    schema = json.loads((CONTRACTS / "events" / f"{versioned(path)}.json").read_text("utf-8"))

    jsonschema_rs.validator_for(schema, validate_formats=True).validate(json.loads(path.read_text("utf-8")))


@golden
def test_an_example_with_fields_of_tomorrow_is_read_all_the_same_and_is_still_what_its_schema_says(path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    schema = json.loads((CONTRACTS / "events" / f"{versioned(path)}.json").read_text("utf-8"))
    of_tomorrow = with_a_new_field(example)

    name = versioned(path).partition(".")[0]
    assert read(name, json.dumps(of_tomorrow)) == read(name, json.dumps(example))
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(of_tomorrow)


def with_a_new_field(part: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(part, dict):
        return {key: with_a_new_field(value) for key, value in part.items()} | {"of_tomorrow": {"x": [1]}}
    return [with_a_new_field(value) for value in part] if isinstance(part, list) else part


def test_an_example_that_is_there_is_never_written_again(tmp_path: Path) -> None:
    kept = "What was written once."
    (tmp_path / "NoticeFiled.v1.json").write_text(kept, "utf-8")

    written = write_missing(tmp_path)

    assert (tmp_path / "NoticeFiled.v1.json").read_text("utf-8") == kept
    assert {*written} == {f"{name}.v{fact.schema_version}.json" for name, fact in FACTS.items()} - {
        "NoticeFiled.v1.json"
    }
    assert write_missing(tmp_path) == []
