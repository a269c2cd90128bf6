"""How the OpenAPI document tells of the notifier: the framework's, with problems, roles and headers."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field

from secor_notifier.api.permissions import permission_of
from secor_notifier.api.problems import MEANINGS

ABOUT = """Letters and reminders of the certification cases that the workflow service keeps, derived from its feed.

Keys are the workflow's, and so are the codes of problems that both know. Every error is `application/problem+json` with
a `code`, which `/problems/{code}` explains. Give every POST an `Idempotency-Key`, and it is safe to repeat.
`x-roles` names the roles whose keys may use an operation. Ignore fields that you do not know: `v1` only ever adds."""

TAGS = [
    {"name": "reminders", "description": "Which letters were decided and what became of them; which are to come."},
    {"name": "silences", "description": "Quiet for a while, and people who want no reminders."},
    {"name": "webhooks", "description": "Events posted, signed, to whoever asked for them."},
    {"name": "calendars", "description": "Deadlines as calendars to subscribe to."},
    {"name": "unsubscribe", "description": "For those who get letters: no more reminders, with one click."},
    {"name": "letters", "description": "Which letters there are, and how one would read for a case."},
    {"name": "probes", "description": "Is it alive, is it ready, how far has it read."},
    {"name": "problems", "description": "What every problem code means."},
    {"name": "sandbox", "description": "Only in sandbox mode: the clock."},
]

PROBLEM = "ProblemShape"
REF = "#/components/schemas/"
TEXT = {"type": "string"}

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {"description": "The request's id: yours, or a new one.", "required": True, "schema": TEXT},
    "Link": {"description": 'The next page, if there is one: `<...>; rel="next"`.', "schema": TEXT},
    "Location": {"description": "Where to read what was made.", "required": True, "schema": TEXT},
    "ETag": {"description": "Of this version of the answer.", "required": True, "schema": TEXT},
    "Cache-Control": {"description": "Who may keep the answer, and for how long.", "schema": TEXT},
    "Content-Language": {"description": "The language it is written in.", "required": True, "schema": TEXT},
    "Retry-After": {
        "description": "Seconds to wait before you ask again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "How to authenticate.", "required": True, "schema": TEXT},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "Your name for the request, kept if it is 1 to 128 letters, digits, `.`, `_`, `:` or `-`.",
        "schema": TEXT,
        "example": "nightly-check-17",
    },
    "traceparent": {
        "description": "W3C Trace Context; given back if it is well-formed.",
        "schema": TEXT,
        "example": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    },
}
GIVES = {
    "list_reminders": ("Link",),
    "list_upcoming": ("Link",),
    "create_silence": ("Location",),
    "list_silences": ("Link",),
    "list_opt_outs": ("Link",),
    "preview_letter": ("Cache-Control", "Content-Language"),
    "create_webhook": ("Location", "Cache-Control"),
    "rotate_webhook_secret": ("Cache-Control",),
    "create_calendar": ("Location", "Cache-Control"),
    "list_calendars": ("Link",),
    "read_calendar": ("ETag", "Cache-Control"),
    "list_webhooks": ("Link",),
    "list_webhook_deliveries": ("Link",),
    "401": ("WWW-Authenticate",),
    "503": ("Retry-After",),
}
"""The headers of good answers by operation, of problems by status."""


class Place(BaseModel):
    pointer: str = Field(description="Where in the request.")
    detail: str


class ProblemShape(BaseModel):
    """RFC 9457, with a code that programs may rely on."""

    type: str = Field(examples=["/problems/not_found"], description="A path that answers with an explanation.")
    title: str
    status: int = Field(examples=[404])
    detail: str
    instance: str
    code: str = Field(examples=["not_found"])
    request_id: str
    errors: list[Place]
    checks: dict[str, str] | None = Field(default=None, description="503 of /readyz: what is ready and what is not.")
    last_pull_seconds: float | None = Field(default=None, description="503 of /readyz: since the feed last answered.")
    heartbeat_seconds: float | None = Field(
        default=None, description="503 of /readyz: since the last look at what is due."
    )


ANYWHERE = {"unauthenticated", "token_expired", "token_invalid", "forbidden", "not_found", "not_acceptable"}
ANYWHERE |= {"invalid_request", "body_too_large", "unavailable"}
WITH_JSON = {"bad_request", "malformed_json", "body_too_slow", "unsupported_media_type"}
WITH_A_KEY = {"bad_header", "request_in_progress", "idempotency_key_reused"}
TOO_SLOW = 408
OWN = {
    "create_webhook": {"too_many_webhooks"},
    "create_calendar": {"too_many_calendars"},
    "preview_letter": {"letter_not_yet", "letter_unwritable"},
    "resend_reminder": {"not_resendable"},
    "set_clock": {"not_active"},
    "simulate_rules": {"bad_cursor"},
}
"""Which problems an operation can answer with: those of any, those of its parts, and its own."""


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as responses of a route; which codes each may carry is added when the document is completed."""
    content = {"application/problem+json": {"schema": {"$ref": REF + PROBLEM}}}
    return {status: {"description": "", "content": content} for status in statuses}


def _codes(operation: dict[str, Any]) -> set[str]:
    taken = {parameter.get("name") for parameter in operation["parameters"]}
    codes = ANYWHERE | OWN.get(operation["operationId"], set())
    if "x-roles" in operation:
        codes |= {"workflow_away"}
    if "requestBody" in operation:
        codes |= WITH_JSON
    if "Idempotency-Key" in taken:
        codes |= WITH_A_KEY
    if "cursor" in taken:
        codes |= {"bad_cursor"}
    return codes


def _explained(status: str, codes: set[str]) -> str:
    found = ((code, meaning) for code, meaning in MEANINGS.items() if code in codes and str(meaning.status) == status)
    return "\n".join(f"- `{code}`: {meaning.explanation}" for code, meaning in found)


def tell(app: FastAPI) -> None:
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
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # the framework's own way to extend the document


def _roles(app: FastAPI) -> dict[str, list[str]]:
    """Who may use each operation, by its id, as its own dependencies say."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    return {
        route.operation_id: sorted(roles)
        for route in routes
        if isinstance(route, APIRoute) and route.operation_id and (roles := permission_of(route).roles)
    }


def _complete(document: dict[str, Any], roles: dict[str, list[str]]) -> None:
    problem = ProblemShape.model_json_schema(mode="serialization", ref_template=REF + "{model}")
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"] |= problem.pop("$defs") | {PROBLEM: problem}
    components["headers"] = HEADERS
    components["parameters"] = {
        name: {"name": name, "in": "header", "required": False, **told} for name, told in PARAMETERS.items()
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete_operation(operation, roles)


def _complete_operation(operation: dict[str, Any], roles: dict[str, list[str]]) -> None:
    name = operation["operationId"]
    operation.setdefault("security", [])  # said where none is needed
    if name in roles:
        operation["x-roles"] = roles[name]
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{header}"} for header in PARAMETERS
    )
    if "requestBody" in operation:
        operation["responses"] |= {str(status): response for status, response in documented(TOO_SLOW).items()}
    for status, response in operation["responses"].items():
        given = GIVES.get(name if status.startswith("2") else status, ())
        response["headers"] = {
            header: {"$ref": f"#/components/headers/{header}"} for header in ("X-Request-ID", *given)
        }
        if status.startswith("2"):
            response["description"] = f"{operation['summary'].rstrip('.?')}."
        elif status >= "400":
            response["description"] = _explained(status, _codes(operation))
    operation["responses"] = dict(sorted(operation["responses"].items()))
