"""The OpenAPI document: the framework's, with the commands' bodies and the problems that each operation can answer."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.keys import KeyRequest
from secor_workflow.api.people import EraseRequest
from secor_workflow.api.problems import MEDIA_TYPE, ProblemView
from secor_workflow.api.sandbox import ClockRequest
from secor_workflow.api.views import CaseView
from secor_workflow.domain.roads import COMMANDS, STATES

REF = "#/components/schemas/{model}"

ABOUT = """Certification cases of the small-employer Certificate of Recognition, kept as an append-only log of
events and driven by one state machine.

Send commands, read cases, follow the feed. Every error is `application/problem+json` with a `code`, which
`/problems/{code}` explains. Give every POST an `Idempotency-Key`, and it is safe to repeat."""

TAGS = [
    {"name": "cases", "description": "Register employers; read cases as they are and as they were."},
    {"name": "commands", "description": "What moves a case on: one operation for each command of the machine."},
    {"name": "feed", "description": "The log: every event of every case, in order, with no gap."},
    {"name": "programme", "description": "The machine, the policy, the schemas and the problem codes, as data."},
    {"name": "people", "description": "Names, addresses and free text, kept beside the log and erasable."},
    {"name": "keys", "description": "Who may come in, and as whom."},
    {"name": "probes", "description": "Is it alive, is it ready, how is it doing."},
    {"name": "sandbox", "description": "Only in sandbox mode: the clock."},
]

_BODIES: dict[str, type[Any]] = {
    "create_key": KeyRequest,
    "erase_person": EraseRequest,
    "erase_text": EraseRequest,
    "set_clock": ClockRequest,
    **{name: command.wish for name, command in COMMANDS.items()},
}
"""Bodies that the operations read by themselves, by operation id."""


def install(app: FastAPI) -> None:
    """Serve the completed document at /openapi.json."""

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=ABOUT,
                contact={"name": "go2HR", "url": "https://www.go2hr.ca"},
                tags=TAGS,
                routes=app.routes,
            )
            document["servers"] = [{"url": "/", "description": "The service that gave you this document."}]
            app.openapi_schema = _complete(document)
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # the framework's own way to extend the document


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"].setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _add(schemas, ProblemView)
    _add(schemas, CaseView, mode="serialization")
    schemas["CaseView"]["properties"]["state"]["enum"] = list(STATES)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete_operation(schemas, path, operation)
    return document


def _complete_operation(schemas: dict[str, Any], path: str, operation: dict[str, Any]) -> None:
    operation.setdefault("security", [])  # said where none is needed
    model = _BODIES.get(operation["operationId"])
    if model is not None:
        _add(schemas, model)
        operation["requestBody"] = {
            "required": bool(schemas[model.__name__].get("required")),
            "content": {
                "application/json": {
                    "schema": {"$ref": REF.format(model=model.__name__)},
                    "example": example_of(schemas[model.__name__], schemas),
                }
            },
        }
    if "x-command" in operation:
        success = "201" if path == "/v1/cases" else "200"
        operation["responses"][success] = {
            "description": "The event that was written, and the case after it.",
            "content": {"application/json": {"schema": _COMMAND_ANSWER}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "The case's version."}},
        }
    operation["responses"].pop("422", None)  # the framework's own, which this service never answers
    for status in _statuses(path, operation):
        operation["responses"][str(status)] = {
            "description": "; ".join(sorted({e.title for e in CATALOGUE.values() if e.status == status})),
            "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="ProblemView")}}},
        }


_COMMAND_ANSWER = {
    "type": "object",
    "required": ["event", "case"],
    "properties": {
        "event": {"type": "object", "description": "The CloudEvent, as the feed gives it."},
        "case": {"$ref": REF.format(model="CaseView")},
    },
}


def _statuses(path: str, operation: dict[str, Any]) -> list[int]:
    """The problems that an operation can answer, by its kind."""
    if path in {"/livez", "/metrics"}:
        return []
    if path == "/readyz":
        return [503]
    if not path.startswith("/v1/"):
        return [404]
    statuses = {401, 503}
    if "{" in path:
        statuses.add(404)
    if operation.get("parameters"):
        statuses |= {422} if any(p["in"] == "query" for p in operation["parameters"]) else set()
    if operation["operationId"] in _BODIES:
        statuses |= {400, 413, 415, 422}
    if "x-command" in operation:
        statuses |= {403, 409} | ({412} if "{case_id}" in path else set())
    statuses |= _OWN.get(operation["operationId"], set())
    return sorted(statuses)


_OWN: dict[str, set[int]] = {
    "list_cases": {400},
    "read_worksafebc_package": {403},
    "read_feed": {400, 403, 410},
    "read_person": {403, 410},
    "read_text": {403, 410},
    "erase_person": {403},
    "erase_text": {403},
    "list_keys": {403},
    "create_key": {403},
    "read_key": {403},
    "revoke_key": {403},
    "read_clock": {403},
    "set_clock": {403},
}


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:  # noqa: ANN401 (any JSON)
    """An example of what a schema takes, from the examples of its parts; optional parts only where they have one."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
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


def _add(schemas: dict[str, Any], model: type[Any], mode: JsonSchemaMode = "validation") -> None:
    schema = TypeAdapter(model).json_schema(ref_template=REF, mode=mode)
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas[model.__name__] = schema
