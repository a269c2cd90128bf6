"""The OpenAPI document: the framework's, with the commands' bodies and the problems that each operation can answer."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.keys import KeyRequest
from secor_workflow.api.people import EraseRequest
from secor_workflow.api.problems import MEDIA_TYPE, ProblemView
from secor_workflow.api.sandbox import ClockRequest
from secor_workflow.api.views import CaseView
from secor_workflow.domain.roads import COMMANDS, STATES

REF = "#/components/schemas/{model}"

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
            app.openapi_schema = _complete(
                get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # the framework's own way to extend the document


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"].setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _add(schemas, ProblemView)
    _add(schemas, CaseView)
    schemas["CaseView"]["properties"]["state"]["enum"] = list(STATES)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete_operation(schemas, path, operation)
    return document


def _complete_operation(schemas: dict[str, Any], path: str, operation: dict[str, Any]) -> None:
    model = _BODIES.get(operation["operationId"])
    if model is not None:
        _add(schemas, model)
        operation["requestBody"] = {
            "required": bool(schemas[model.__name__].get("required")),
            "content": {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}},
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


def _add(schemas: dict[str, Any], model: type[Any]) -> None:
    schema = TypeAdapter(model).json_schema(ref_template=REF)
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas[model.__name__] = schema
