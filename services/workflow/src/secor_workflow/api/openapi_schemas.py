"""The schemas of the OpenAPI document: what comes in is closed, what goes out is open to fields of later versions."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from secor_workflow.log.envelope import opened

REF = "#/components/schemas/"

_NAMES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"CloudEvent_Fact_", "Event"),
    (r"Data_Fact_", "EventData"),
    (r"CloudEvent_(\w+)_", r"\1Event"),
    (r"Data_(\w+)_", r"\1Data"),
    (r"Parameter_tuple_date_+", "DatesParameter"),
    (r"Parameter_tuple_Literal_\w+", "HolidaysParameter"),
    (r"Parameter_(\w+)_", lambda found: f"{found[1].capitalize()}Parameter"),
)
"""What generic models are called; as the framework names them, nobody would wish to meet them in a client."""


def put_schemas(document: dict[str, Any], taken: Iterable[type[BaseModel]], given: Iterable[type[BaseModel]]) -> None:
    """Add the models that are taken and given; a given one that differs from the taken one of its name is a view."""
    outer: dict[str, Any] = document["components"].setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        outer.pop(unused, None)
    outer |= _schemas(given, "serialization")
    outer = opened(outer)
    inner = _schemas(taken, "validation")
    names = {name: _name(name, inner, outer) for name in outer}
    document["paths"] = _renamed(document["paths"], names)
    schemas = {names[name]: _renamed(outer[name], names) for name in outer} | inner
    # Generators name types after titles, and drop the second of a name.
    document["components"]["schemas"] = {name: schema | {"title": name} for name, schema in schemas.items()}


def _schemas(models: Iterable[type[BaseModel]], mode: Any) -> dict[str, Any]:  # noqa: ANN401 (Pydantic's literal)
    _, definitions = models_json_schema([(model, mode) for model in models], ref_template=REF + "{model}")
    found: dict[str, Any] = definitions["$defs"]
    return found


def _name(name: str, inner: dict[str, Any], outer: dict[str, Any]) -> str:
    if name in inner and inner[name] != outer[name]:
        return f"{name}View"
    for pattern, better in _NAMES:
        if found := re.fullmatch(pattern, name):
            return found.expand(better) if isinstance(better, str) else better(found)
    return name


def _renamed(part: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(part, dict):
        return {
            key: REF + names.get(value.removeprefix(REF), "") if key == "$ref" else _renamed(value, names)
            for key, value in part.items()
        }
    return [_renamed(value, names) for value in part] if isinstance(part, list) else part


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:  # noqa: ANN401 (any JSON)
    """An example of what a schema takes, from the examples of its parts; optional parts only where they have one."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(REF)], schemas)
    if found := schema.get("examples") or schema.get("enum"):
        return found[0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    required = schema.get("required", [])
    parts = schema.get("properties", {})
    return {name: example_of(part, schemas) for name, part in parts.items() if name in required}
