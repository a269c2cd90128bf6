"""Every error the API can answer with: one code and one meaning each, as RFC 9457 problems."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Meaning:
    """What a code means, and what its reader should do."""

    status: int
    title: str
    advice: str


MEANINGS: Mapping[str, Meaning] = {
    "malformed": Meaning(400, "The request cannot be read.", "Mend the JSON or the header and send it again."),
    "bad_cursor": Meaning(400, "The cursor is not one of ours.", "Begin again without a cursor."),
    "unauthorized": Meaning(401, "The credential is missing or unknown.", "Send `Authorization: Bearer <key>`."),
    "forbidden": Meaning(403, "This role may not do that.", "Use a credential with one of the roles named."),
    "not_found": Meaning(404, "There is no such thing, or you may not see it.", "Check the address and the ids."),
    "method_not_allowed": Meaning(405, "The address does not know this method.", "Use one of the methods in Allow."),
    "not_acceptable": Meaning(406, "No form of the answer suits the Accept header.", "Accept one of the types named."),
    "letter_not_yet": Meaning(
        409, "The case has not come to this letter.", "Choose a letter which the case has had, or one of its deadlines."
    ),
    "letter_unwritable": Meaning(409, "The letter cannot be written for this case.", "Tell whoever keeps the letters."),
    "not_resendable": Meaning(
        409, "The letter needs no second sending.", "Leave it; only a dead, unknown or returned one does."
    ),
    "request_in_progress": Meaning(409, "The first request with this key is at work.", "Wait and ask again."),
    "too_large": Meaning(413, "The body is too large.", "Send less than 1 MiB."),
    "unsupported_media_type": Meaning(415, "The body is not JSON.", "Send application/json."),
    "idempotency_key_reused": Meaning(
        422, "The idempotency key came with another request.", "Use a new key for a new request."
    ),
    "invalid": Meaning(422, "A parameter or the body is wrong.", "Mend what `errors` points to."),
    "not_active": Meaning(503, "Another notifier process is the active one.", "Ask that one, or wait."),
    "not_ready": Meaning(503, "The notifier is not ready.", "Wait; the checks say for what."),
    "workflow_away": Meaning(503, "The workflow cannot be reached.", "Wait and try again; nothing was changed."),
    "database_away": Meaning(503, "The ledger's database cannot be reached.", "Wait and try again."),
    "internal": Meaning(500, "The notifier met a fault of its own.", "Report it with the request id."),
}
RETRY_AFTER = {"Retry-After": "2"}


@dataclass
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
    return Response(json.dumps(body), status, headers, "application/problem+json")
