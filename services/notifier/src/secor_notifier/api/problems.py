"""Every error the API can answer with: one code and one meaning each, as RFC 9457 problems."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Meaning:
    """What a code means, and what its reader should do. What the workflow has a code for is called the same here."""

    status: int
    title: str
    explanation: str


MEANINGS: Mapping[str, Meaning] = {
    "bad_request": Meaning(400, "Bad request", "The request is not well-formed HTTP. Fix it."),
    "malformed_json": Meaning(400, "Malformed JSON", "The body is not JSON. Fix it."),
    "bad_header": Meaning(400, "Bad header", "A header has not the form it needs. Fix it."),
    "bad_cursor": Meaning(400, "Bad cursor", "Cursors are opaque: give back one that this list gave out, or none."),
    "unauthenticated": Meaning(401, "Not authenticated", "Send a valid key: `Authorization: Bearer <key>`."),
    "token_expired": Meaning(401, "Token expired", "Get a new token from its provider and send the request again."),
    "token_invalid": Meaning(
        401, "Token not valid", "The token opens nothing here, and will not: `detail` says what is wrong with it."
    ),
    "forbidden": Meaning(403, "Not allowed", "Your role may not do this; `detail` names those which may."),
    "not_found": Meaning(404, "Not found", "It does not exist, or you may not see it."),
    "method_not_allowed": Meaning(405, "Method not allowed", "Use one of the methods in `Allow`."),
    "not_acceptable": Meaning(406, "Not acceptable", "Ask for one of the media types that the operation gives."),
    "body_too_slow": Meaning(
        408, "Body too slow", "The body did not come in time; nothing was written. Send it again with the same key."
    ),
    "letter_not_yet": Meaning(
        409,
        "Letter not yet called for",
        "The case has not come to this letter. Choose one which it has had, or one of its deadlines.",
    ),
    "letter_unwritable": Meaning(
        409, "Letter cannot be written", "The letter cannot be written for this case. Tell whoever keeps the letters."
    ),
    "not_resendable": Meaning(
        409, "Nothing to send again", "Leave it: only a letter that is dead, unknown or came back is sent again."
    ),
    "too_many_webhooks": Meaning(409, "Too many webhooks", "Remove an endpoint which you no longer need."),
    "too_many_calendars": Meaning(409, "Too many calendars", "Revoke a calendar which nobody reads any more."),
    "request_in_progress": Meaning(
        409,
        "Request in progress",
        "A request with the same idempotency key is being worked on. "
        "Wait as `Retry-After` says and send it again with the same key.",
    ),
    "body_too_large": Meaning(413, "Body too large", "Send less than 1 MiB."),
    "unsupported_media_type": Meaning(415, "Unsupported media type", "Send the body as application/json."),
    "invalid_request": Meaning(
        422,
        "Invalid request",
        "The body or a parameter is wrong by itself, whatever the state. Fix what `errors` names.",
    ),
    "idempotency_key_reused": Meaning(
        422, "Idempotency key reused", "The key was used for another request. Use a new key for a new wish."
    ),
    "internal_error": Meaning(500, "Internal error", "A fault of ours. Report it with the request id."),
    "unavailable": Meaning(
        503, "Unavailable", "Nothing was written. Wait as `Retry-After` says and send it again with the same key."
    ),
    "workflow_away": Meaning(
        503,
        "Workflow away",
        "The workflow service, which knows keys and cases, does not answer, and nothing was written. "
        "Wait as `Retry-After` says and send it again with the same key.",
    ),
    "not_active": Meaning(
        503, "Not the active one", "Another notifier process reads and sends. Ask that one, or wait."
    ),
}
RETRY_AFTER = {"Retry-After": "2"}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - it is named as RFC 9457 names it
    """A refusal: its code, and a sentence for the one who asked."""

    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.code]


def answer(request: Request, problem: Problem) -> Response:
    """The problem as a response; ASCII, so that nothing a caller sent can break it."""
    status = problem.meaning.status
    body = {
        "type": f"/problems/{problem.code}",
        "title": problem.meaning.title,
        "status": status,
        "detail": problem.detail,
        "instance": request.url.path,
        "code": problem.code,
        "request_id": request.scope.get("state", {}).get("request_id"),
        "errors": list(problem.errors),
        **problem.more,
    }
    headers = {"Cache-Control": "no-store", **(RETRY_AFTER if status == 503 else {}), **problem.headers}  # noqa: PLR2004
    return Response(json.dumps(body, separators=(",", ":")), status, headers, "application/problem+json")


def invalid(pointer: str, detail: str) -> Problem:
    """One thing in the body or among the parameters is wrong."""
    return Problem("invalid_request", detail, errors=({"pointer": pointer, "detail": detail},))
