"""Law: whatever is wrong in a body, its refusal is a sentence for people; no word of Python, no pattern of signs."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter, ValidationError

from contracts.declared import NOTIFIER, WORKFLOW, Contract
from secor_notifier.api import in_words as of_the_notifier
from secor_notifier.main import create_app as notifier_app
from secor_notifier.settings import Settings as NotifierSettings
from secor_workflow.api import in_words as of_the_workflow
from secor_workflow.api.batch import BatchLine
from secor_workflow.api.openapi import _BODIES
from secor_workflow.domain.in_the_open import FROM_A_CALLER

OF_THE_LANGUAGE = re.compile(
    r"Value error|should (be|have|match)|Input|Field required|Assertion|[\^\\]|\[\w-\w|"
    r"\b(str|string|int|integer|float|bool|boolean|dict|dictionary|tuple|list_type|None|NoneType|True|False|null|"
    r"datetime|timedelta|Decimal|UUID\(|pydantic|validator|instance|argument|isoformat|timezone|enum)\b"
)
WRONG: tuple[object, ...] = (
    None, True, 5, -1, 1.5, 1e300, 2**70, "", " ", "x", "x" * 5000, "a\x01b", "robin@example.com", "1.234",
    "2026-13-45", "2026-02-30", "2026-11-22", "1999-01-01", "2026-11-22T10:00:00", "0001-01-01T00:00:00Z",
    "P1", "P9999D", "-P1D", "soon", [], [[]], ["x", "x"], [5] * 200, [None], {}, {"x": 1},
)  # fmt: skip


def taken_by_the_workflow() -> dict[str, Any]:
    return {**_BODIES, "send_batch": BatchLine}


def taken_by_the_notifier(app: Any) -> dict[str, Any]:  # noqa: ANN401 (an application)
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    bodies = {route.operation_id: route.body_field for route in routes if isinstance(route, APIRoute)}
    return {str(name): body.field_info.annotation for name, body in bodies.items() if body}


def wrong_bodies(body: object) -> Iterator[object]:
    """The body with each wrong value in each of its places, with a stranger in each object, and without each part."""
    yield from WRONG
    if isinstance(body, dict):
        yield body | {"stranger": 1}
        for name, part in body.items():
            yield {other: value for other, value in body.items() if other != name}
            for wrong in wrong_bodies(part):
                yield body | {name: wrong}
    elif isinstance(body, list) and body:
        for wrong in wrong_bodies(body[0]):
            yield [wrong]


def filled(schema: dict[str, Any], schemas: dict[str, Any]) -> object:
    """A value with every field there is: what is in it need not be right."""
    if "$ref" in schema:
        return filled(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for either in ("anyOf", "oneOf", "allOf"):
        if either in schema:
            return filled(schema[either][0], schemas)
    if "properties" in schema:
        return {name: filled(part, schemas) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [filled(schema.get("items", {}), schemas)]
    return (schema.get("examples") or schema.get("enum") or [schema.get("const", "x")])[0]


def told(model: Any, say: Any) -> set[str]:  # noqa: ANN401 (a body's type, and a function of either service)
    """All sentences that wrong bodies of this type are refused with."""
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    schema = adapter.json_schema()
    said: set[str] = set()
    for body in wrong_bodies(filled(schema, schema.get("$defs", {}))):
        try:
            adapter.validate_json(json.dumps(body), context=FROM_A_CALLER)
        except ValidationError as error:
            said |= {say(one) for one in error.errors(include_url=False)}
    return said


def patterns(contract: Contract) -> set[str]:
    """All patterns of what may be sent in a body."""
    text = json.dumps(contract.document["components"]["schemas"])
    return {json.loads(f'"{found}"') for found in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', text)}


def in_python(sentences: set[str]) -> list[str]:
    return sorted(one for one in sentences if OF_THE_LANGUAGE.search(one) or not one.endswith((".", "!", "?")))


def test_no_refusal_of_the_workflow_speaks_python() -> None:
    models = taken_by_the_workflow()
    said = {name: told(model, of_the_workflow.in_words) for name, model in models.items()}

    assert all(said.values())
    assert in_python(set().union(*said.values())) == []


def test_no_refusal_of_the_notifier_speaks_python(tmp_path: Any) -> None:  # noqa: ANN401
    app = notifier_app(NotifierSettings(home=tmp_path, workflow_key="secor_test_x"))
    models = taken_by_the_notifier(app)
    assert len(models) > 3
    said = {name: told(model, of_the_notifier.in_words) for name, model in models.items()}

    assert in_python(set().union(*said.values())) == []


@pytest.mark.parametrize(
    ("contract", "known"),
    [(WORKFLOW, of_the_workflow.PATTERNS), (NOTIFIER, of_the_notifier.PATTERNS)],
    ids=["workflow", "notifier"],
)
def test_each_pattern_of_a_body_has_its_sentence(contract: Contract, known: dict[str, str]) -> None:
    assert patterns(contract) - {*known} <= {r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}, "amounts have a rule of their own"
