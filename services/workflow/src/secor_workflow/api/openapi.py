"""The OpenAPI document: the framework's, made whole with bodies, roles, headers, media types and problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from secor_workflow.api import openapi_headers as headers
from secor_workflow.api import openapi_problems as problems
from secor_workflow.api.batch import BatchLine, BatchOutcome
from secor_workflow.api.commands import HAVE_THEIR_OWN_ROUTE, UPLOAD, body_of, over_http
from secor_workflow.api.erase_requests import EraseRequest
from secor_workflow.api.erasure import ConfirmationRequest
from secor_workflow.api.feed import BATCH, JSON, NDJSON, SSE
from secor_workflow.api.identities import IdentityRequest
from secor_workflow.api.keys import KeyRequest, RotateRequest
from secor_workflow.api.openapi_schemas import REF, example_of, put_schemas
from secor_workflow.api.people import FindRequest
from secor_workflow.api.permissions import ROLES, permission_of
from secor_workflow.api.persons import PersonRequest
from secor_workflow.api.problems import ProblemView
from secor_workflow.api.sandbox import ClockRequest
from secor_workflow.api.uploads import BYTES, FORM
from secor_workflow.api.views import CaseView
from secor_workflow.domain.context import Role
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.roads import COMMANDS, STATES
from secor_workflow.log.envelope import any_event, model_of
from secor_workflow.providers import Provider

ABOUT = """Certification cases of the small-employer Certificate of Recognition, kept as an append-only log of
events and driven by one state machine.

Send commands, read cases, follow the feed. Every error is `application/problem+json` with a `code`, which
`/problems/{code}` explains. Give every POST an `Idempotency-Key`, and it is safe to repeat. `x-roles` names the roles
whose keys and tokens may use an operation. Ignore fields and event types that you do not know: `v1` only ever adds."""

TAGS = [
    {"name": "cases", "description": "Register employers; read cases as they are and as they were."},
    {"name": "commands", "description": "What moves a case on: one operation for each command of the machine."},
    {"name": "documents", "description": "The files behind an audit: hand in, download, erase for good."},
    {"name": "scorecards", "description": "The scorecard as a spreadsheet: a template, and what a filled-in one says."},
    {"name": "feed", "description": "The log: every event of every case, in order, with no gap."},
    {"name": "programme", "description": "The machine, the policy, the schemas and the problem codes, as data."},
    {"name": "people", "description": "Names, addresses and free text, kept beside the log and erasable."},
    {"name": "keys", "description": "Who may come in, and as whom; and who was refused."},
    {"name": "probes", "description": "Is it alive, is it ready, how is it doing."},
    {"name": "sandbox", "description": "Only in sandbox mode: the clock."},
]

_BODIES: dict[str, type[BaseModel]] = {
    "create_key": KeyRequest,
    "rotate_key": RotateRequest,
    "link_identity": IdentityRequest,
    "link_person": PersonRequest,
    "erase_document": EraseRequest,
    "erase_text": EraseRequest,
    "find_people": FindRequest,
    "confirm_erasure": ConfirmationRequest,
    "set_clock": ClockRequest,
    **{name: body_of(command) for name, command in COMMANDS.items() if over_http(command)},
}
"""Bodies that the operations read by themselves, by operation id."""

_FILE = {"type": "string", "format": "binary"}
_DOCUMENT = {
    media_type.code: {"schema": _FILE} for edition in Policies.load().editions for media_type in edition.media_types
}


def _lines(model: str, which: str) -> dict[str, Any]:
    """A body of lines; their schema under the name that OpenAPI 3.2 gives it, as an extension of 3.1."""
    text = {"type": "string", "description": f"One `{model}` a line, {which}."}
    return {"schema": text, "x-itemSchema": {"$ref": REF + model}}


_EVENT = {"$ref": REF + "Event"}
_EVENTS = {"type": "array", "items": _EVENT}
_CONTENT: dict[str, dict[str, Any]] = {
    "read_feed": {
        BATCH: {"schema": _EVENTS},
        JSON: {"schema": _EVENTS},
        NDJSON: _lines("Event", "up to the head"),
        SSE: {
            "schema": {
                "type": "string",
                "description": "Live: `id` is the cursor, `data` an `Event`; a comment at least every 15 seconds.",
            }
        },
    },
    "read_fixed_page": {BATCH: {"schema": _EVENTS}},
    "read_history": {
        JSON: {
            "schema": {
                "type": "object",
                "required": ["items", "next"],
                "properties": {"items": _EVENTS, "next": {"type": ["string", "null"]}},
            }
        }
    },
    "send_batch": {NDJSON: _lines("BatchOutcome", "in the order of the request")},
    "read_document_content": _DOCUMENT,
    "read_worksafebc_package_zip": {"application/zip": {"schema": _FILE}},
    "metrics": {"text/plain": {"schema": {"type": "string"}}},
    "readyz": {JSON: {"schema": {"type": "object", "required": ["status", "checks"]}}},
}
"""What operations give that the framework cannot know."""

_WISHES = {NDJSON: _lines("BatchLine", "1,000 at most; empty lines are passed over")}
_OTHER_BODIES = {"send_batch": {"requestBody": {"required": True, "content": _WISHES}}}
"""What is sent to operations that do not take an object."""

_TAKES = {
    **dict.fromkeys(COMMANDS, ("Idempotency-Key", "If-Match")),
    "register_employer": ("Idempotency-Key",),
    "add_document": ("Idempotency-Key", "If-Match", "Content-Digest"),
    "erase_person": (),  # it is safe to repeat without one
    "read_document_content": ("Range", "If-Range", "If-None-Match"),
    "create_key": ("Idempotency-Key",),
    "rotate_key": ("Idempotency-Key",),
    **dict.fromkeys(
        ("read_case", "read_audit_rounds", "read_scorecard_template", "read_worksafebc_package_zip"), ("If-None-Match",)
    ),
    "read_fixed_page": ("If-None-Match",),
    "read_feed": ("Last-Event-ID",),
}
_GIVES = {
    **dict.fromkeys(COMMANDS, ("ETag", "Cache-Control", "Idempotency-Replayed")),
    "register_employer": ("ETag", "Location", "Cache-Control", "Idempotency-Replayed"),
    "add_document": ("Location", "Cache-Control", "Idempotency-Replayed"),
    **dict.fromkeys(("list_documents", "read_document", "erase_document"), ("Cache-Control",)),
    **dict.fromkeys(("erase_person", "read_erasure", "confirm_erasure", "find_people"), ("Cache-Control",)),
    **dict.fromkeys(("list_reads", "list_reads_of_actor", "list_retention_proposals"), ("Link", "Cache-Control")),
    "export_person": ("Cache-Control",),
    "read_document_content": (
        *("ETag", "Repr-Digest", "Accept-Ranges", "Content-Disposition", "Content-Security-Policy", "Cache-Control"),
    ),
    "create_key": ("Location", "Cache-Control", "Idempotency-Replayed"),
    "rotate_key": ("Location", "Cache-Control", "Idempotency-Replayed"),
    **dict.fromkeys(("approve_request", "withdraw_request"), ("Location", "Cache-Control")),
    **dict.fromkeys(("link_person", "read_linked_person"), ("Cache-Control",)),
    "list_refusals": ("Link", "Cache-Control"),
    "list_cases": ("Link", "Cache-Control"),
    **dict.fromkeys(("read_case", "read_audit_rounds"), ("ETag", "Cache-Control")),
    **dict.fromkeys(
        ("read_scorecard_template", "read_worksafebc_package_zip"), ("ETag", "Content-Disposition", "Cache-Control")
    ),
    "parse_scorecard": ("Cache-Control",),
    "send_batch": ("Cache-Control",),
    "read_history": ("Cache-Control",),
    "read_feed": ("Next-Cursor", "Link", "Cache-Control", "Wait-Limit"),
    "read_head": ("Cache-Control",),
    "read_fixed_page": ("ETag", "Next-Cursor", "Link", "Cache-Control"),
}


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
                license_info={"name": "Proprietary"},
                tags=TAGS,
                routes=app.routes,
            )
            document["servers"] = [{"url": "/", "description": "The service that gave you this document."}]
            _complete(document, _roles(app))
            document["components"]["securitySchemes"]["token"] = _token_scheme(app.state.rooms.settings.oidc)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # the framework's own way to extend the document


def _token_scheme(providers: tuple[Provider, ...]) -> dict[str, str]:
    """Tokens, beside keys; of which provider, the instance's settings say."""
    issuer = providers[0].issuer if providers else "https://provider.example"
    return {
        "type": "openIdConnect",
        "openIdConnectUrl": issuer.rstrip("/") + "/.well-known/openid-configuration",
        "description": "`Authorization: Bearer <access token>` of a provider that the service was told to trust.",
    }


def _roles(app: FastAPI) -> dict[str, tuple[Role, ...]]:
    """Who may use each operation, by its id, as its own dependencies say."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    return {
        route.operation_id: permission_of(route).roles
        for route in routes
        if isinstance(route, APIRoute) and route.operation_id
    }


def _complete(document: dict[str, Any], roles: dict[str, tuple[Role, ...]]) -> None:
    put_schemas(
        document,
        taken=(*_BODIES.values(), BatchLine),
        given=(ProblemView, CaseView, BatchOutcome, any_event(), *map(model_of, sorted(_written_by_commands()))),
    )
    document["components"] |= headers.components()
    schemas = document["components"]["schemas"]
    schemas["CaseView"]["properties"]["state"]["enum"] = list(STATES)
    schemas["Fact"]["description"] = "What happened. Its fields are those of the event's type: see `dataschema`."
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete_operation(schemas, path, operation, roles)


def _written_by_commands() -> set[str]:
    """The facts that an answer to a command may hold: all but the clock's and those of routes of their own."""
    commands = (c for c in COMMANDS.values() if over_http(c) and c not in HAVE_THEIR_OWN_ROUTE)
    return {fact.__name__ for command in commands for fact in command.facts}


def _complete_operation(
    schemas: dict[str, Any], path: str, operation: dict[str, Any], roles: dict[str, tuple[Role, ...]]
) -> None:
    name = operation["operationId"]
    operation.setdefault("security", [])  # said where none is needed
    if operation["security"]:
        operation["security"] = [*operation["security"], {"token": []}]  # either will do
        operation.setdefault("x-roles", [role.value for role in roles[name]])
    operation["parameters"] = operation.get("parameters", []) + headers.taken(_TAKES.get(name, ()))
    if name in _BODIES:
        operation["requestBody"] = _body(schemas[_BODIES[name].__name__], schemas, _BODIES[name].__name__)
    operation |= _OTHER_BODIES.get(name, {})
    operation["responses"].pop("422", None)  # the framework's own, which this service never answers
    waits = operation["responses"].pop("202", None)
    (good,) = operation["responses"].values()
    good["description"] = f"{operation['summary'].rstrip('.')}."
    good["headers"] = headers.given(_GIVES.get(name, ()))
    good["content"] = _CONTENT.get(name, good.get("content", {}))
    if "x-command" in operation and name != UPLOAD.name:
        good["description"] = "The event that was written, and the case after it."
        good["content"] = {JSON: {"schema": _command_answer(name)}}
    if name == "register_employer":
        operation["responses"]["200"] = good | {"description": "With `dry_run`: what would be written, and the case."}
    if name == UPLOAD.name:
        operation["requestBody"]["content"] = _upload(operation["requestBody"]["content"][JSON])
        good["description"] = "The document as it was taken in."
        there = "The same bytes were handed in as this kind before; nothing was written, this is the document."
        operation["responses"]["200"] = good | {"description": there}
    if name == "read_document_content":
        part = good["headers"] | headers.given(("Content-Range",))
        operation["responses"]["206"] = good | {"description": "The part that `Range` asks for.", "headers": part}
    if not good["content"]:
        del good["content"]
    if waits:
        operation["responses"]["202"] = waits | {"headers": headers.given(("Location", "Cache-Control"))}
    if "If-None-Match" in _TAKES.get(name, ()):
        operation["responses"]["304"] = {
            "description": "You have it already.",
            "headers": headers.given(("ETag", "Cache-Control")),
        }
    by_the_door = bool(operation["security"]) and roles[name] != ROLES and "x-command" not in operation
    operation["responses"] |= problems.responses(path, operation, restricted=by_the_door)


def _body(schema: dict[str, Any], schemas: dict[str, Any], model: str) -> dict[str, Any]:
    content = {"schema": {"$ref": REF + model}, "example": example_of(schema, schemas)}
    return {"required": bool(schema.get("required")), "content": {JSON: content}}


def _upload(form: dict[str, Any]) -> dict[str, Any]:
    """A form, or the bytes alone; these may also be sent as the media type that they are."""
    return {FORM: {"schema": form["schema"]}, BYTES: {"schema": _FILE}}


def _command_answer(name: str) -> dict[str, Any]:
    events = [{"$ref": f"{REF}{fact.__name__}Event"} for fact in COMMANDS[name].facts]
    event = events[0] if len(events) == 1 else {"oneOf": events}
    return {
        "type": "object",
        "required": ["event", "case"],
        "properties": {"event": event, "case": {"$ref": REF + "CaseView"}},
    }
