"""Which problems each operation can answer with: by its path, its parts, and its own nature."""

from collections import defaultdict
from typing import Any

from secor_workflow.api import openapi_headers as headers
from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.problems import MEDIA_TYPE
from secor_workflow.domain.roads import COMMANDS

_OWN: dict[str, set[str]] = {
    "list_cases": {"bad_cursor"},
    "read_case": {"not_there_yet"},
    "rotate_key": {"key_ended"},
    "link_identity": {"linked_elsewhere"},
    "approve_request": {"own_request", "approval_closed"},
    "withdraw_request": {"approval_closed"},
    "list_refusals": {"bad_cursor"},
    "list_reads": {"bad_cursor"},
    "list_reads_of_actor": {"bad_cursor", "not_found"},
    "list_retention_proposals": {"bad_cursor"},
    "export_person": {"erased"},
    "read_feed": {"bad_cursor", "bad_header", "stale_cursor", "archived", "not_acceptable"},
    "add_document": {
        *("bad_request", "bad_header", "digest_mismatch", "document_too_large", "empty_file", "file_damaged"),
        *("media_type_not_allowed", "archive_too_large", "macros_not_allowed", "malware_found"),
    },
    "read_document_content": {"document_withdrawn", "erased", "document_infected", "range_not_satisfiable"},
    "read_worksafebc_package_zip": {"document_infected"},
    "parse_scorecard": {
        *("bad_request", "body_too_large", "empty_file", "file_damaged", "media_type_not_allowed"),
        *("archive_too_large", "macros_not_allowed", "unreadable_workbook"),
    },
    "send_batch": {"bad_header", "body_too_large"},
    "read_person": {"erased"},
    "read_text": {"erased"},
    "readyz": {"unavailable"},
    "metrics": {"unavailable"},
}
_OF_A_CASE = ("{case_id}", "{person_id}", "{text_id}")
_WITH_A_BODY = {"body_too_slow", "unsupported_media_type", "invalid_request"}
_WITH_JSON = {"malformed_json", "bad_header", "body_too_large"}
_WITH_A_HEADER = {
    "Idempotency-Key": {"bad_header", "idempotency_key_reused"},
    "If-Match": {"bad_header", "stale_version"},
}
_GIVES = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    412: ("ETag",),
    416: ("Content-Range",),
    429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    503: ("Retry-After",),
}


def responses(path: str, operation: dict[str, Any], *, restricted: bool) -> dict[str, Any]:
    """The problems of an operation, as responses by status. `restricted` says that not every key may use it."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in sorted(_codes(path, operation, restricted=restricted)):
        by_status[CATALOGUE[code].status].append(code)
    return {str(status): _response(status, by_status[status]) for status in sorted(by_status)}


def _codes(path: str, operation: dict[str, Any], *, restricted: bool) -> set[str]:
    codes = set(_OWN.get(operation["operationId"], ()))
    taken = operation.get("parameters", [])
    if path.startswith("/v1/"):
        codes |= {"unauthenticated", "token_expired", "token_invalid", "too_many_requests", "unavailable"}
    if restricted:
        codes.add("forbidden")
    if "{" in path:
        codes.add("not_found")
    if any(part in path for part in _OF_A_CASE):
        codes.add("case_archived")
    if any(parameter.get("in") == "query" or _constrained(parameter) for parameter in taken):
        codes.add("invalid_request")
    if body := operation.get("requestBody"):
        codes |= _WITH_A_BODY
        if "application/json" in body["content"]:
            codes |= _WITH_JSON
    for parameter in taken:
        codes |= _WITH_A_HEADER.get(parameter.get("$ref", "").rpartition("/")[2], set())
    if "x-command" in operation:
        guards = COMMANDS[operation["x-command"]].guards
        codes |= {"not_now", "request_in_progress"} | {guard.code for guard in guards}
        codes |= {"personal_data"} if body else set()
    return codes


def _constrained(parameter: dict[str, Any]) -> bool:
    """A part of the path that must be a number; any other that names nothing is not found."""
    return bool(parameter.get("in") == "path" and parameter["schema"]["type"] == "integer")


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    return {
        "description": "\n".join(f"- `{code}`: {CATALOGUE[code].explanation}" for code in codes),
        "headers": headers.given(_GIVES.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemView"}}},
    }
