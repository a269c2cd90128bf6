"""Every code that a problem can carry: its status, what it means, and what to do. `/problems/{code}` shows it."""

from dataclasses import dataclass

from secor_workflow.domain.roads import COMMANDS


@dataclass(frozen=True, slots=True)
class Entry:
    status: int
    title: str
    explanation: str


_OF_HTTP = {
    "bad_request": Entry(400, "Bad request", "The request is not well-formed HTTP or JSON. Fix it."),
    "malformed_json": Entry(400, "Malformed JSON", "The body is not JSON. Fix it."),
    "bad_header": Entry(400, "Bad header", "A header has not the form it needs. Fix it."),
    "bad_cursor": Entry(400, "Bad cursor", "Cursors are opaque: give back one that this service gave out."),
    "unauthenticated": Entry(401, "Not authenticated", "Send a valid key: `Authorization: Bearer <key>`."),
    "token_expired": Entry(401, "Token expired", "Get a new token from its provider and send the request again."),
    "token_invalid": Entry(
        401, "Token not valid", "The token opens nothing here, and will not: `detail` says what is wrong with it."
    ),
    "forbidden": Entry(403, "Not allowed", "Your role may not do this."),
    "not_found": Entry(404, "Not found", "It does not exist, or you may not see it."),
    "method_not_allowed": Entry(405, "Method not allowed", "Use one of the methods in `Allow`."),
    "not_acceptable": Entry(406, "Not acceptable", "Ask for one of the media types that the operation gives."),
    "body_too_slow": Entry(
        408, "Body too slow", "The body did not come in time; nothing was written. Send it again with the same key."
    ),
    "key_ended": Entry(409, "Key has ended", "The key was revoked or has expired. Create a new one."),
    "own_request": Entry(403, "Your own request", "Four eyes: another admin must approve what you asked for."),
    "approval_closed": Entry(
        409, "Approval closed", "It was carried out or withdrawn, or its time is over. Send the request anew."
    ),
    "linked_elsewhere": Entry(
        409, "Linked to another actor", "The subject is already another actor's. Delete that link first."
    ),
    "request_in_progress": Entry(
        409,
        "Request in progress",
        "A request with the same idempotency key is being worked on, or the case is busy. "
        "Wait as `Retry-After` says and send it again with the same key.",
    ),
    "stale_cursor": Entry(
        410,
        "Cursor no longer valid",
        "The cursor is of another epoch of the log, or beyond its head. Read on from `last_common`.",
    ),
    "archived": Entry(
        410,
        "Archived",
        "What follows your cursor was taken out of the log, into the files that `archives` names. Ask the operator for "
        "them if you need it; the log itself is read on from `last_common`.",
    ),
    "case_archived": Entry(
        404,
        "Case archived",
        "The case is closed, and its events were taken out of the log, into the files that `archives` names. "
        "An operator can put them back.",
    ),
    "erased": Entry(410, "Erased", "The personal data were erased for good. Stop asking for them."),
    "stale_version": Entry(
        412,
        "The case has moved on",
        "`If-Match` names a version that is not the case's present one. Read `since`, then decide again.",
    ),
    "body_too_large": Entry(413, "Body too large", "Send less."),
    "unsupported_media_type": Entry(
        415, "Unsupported media type", "Send the body as application/json; a document as the operation says."
    ),
    "invalid_request": Entry(
        422,
        "Invalid request",
        "The body or a parameter is wrong by itself, whatever the state. Fix what `errors` names.",
    ),
    "idempotency_key_reused": Entry(
        422,
        "Idempotency key reused",
        "The key was used for another command, case or body. Use a new key for a new wish.",
    ),
    "too_many_requests": Entry(429, "Too many requests", "Nothing was done. Wait as `Retry-After` says."),
    "internal_error": Entry(500, "Internal error", "A fault of ours. Send the request again with the same key."),
    "unavailable": Entry(
        503, "Unavailable", "Nothing was written. Wait as `Retry-After` says and send it again with the same key."
    ),
    "not_there_yet": Entry(503, "Not there yet", "The log has not reached `min_position`. Ask again."),
}

_OF_DOCUMENTS = {
    "document_withdrawn": Entry(
        410, "Document withdrawn", "It was withdrawn before it was submitted. Stop asking for it."
    ),
    "document_too_large": Entry(
        413,
        "Document too large",
        "The policy limits a document's bytes. Send a smaller one: less resolution, fewer pages.",
    ),
    "personal_data": Entry(
        422,
        "Personal data",
        "An e-mail address or a phone number stands where it could never be erased. Give it as the contact or the "
        "champion, or say it in a reason, note or answer: these are kept beside the log.",
    ),
    "range_not_satisfiable": Entry(
        416, "Range not satisfiable", "The range begins beyond the document's end; `Content-Range` says where that is."
    ),
    "digest_mismatch": Entry(
        422,
        "Digest mismatch",
        "What came is not what its digest says: it was cut off or changed on its way. Send it again.",
    ),
    "empty_file": Entry(422, "Empty file", "The file has no bytes. Look whether it was saved, and send it again."),
    "file_damaged": Entry(422, "File damaged", "The file is cut off or broken. Open it, save it anew, and send that."),
    "media_type_not_allowed": Entry(
        422,
        "Media type not allowed",
        "By its bytes the file is none of the types on the list, or not what its name says. GET /v1/policy lists them.",
    ),
    "archive_too_large": Entry(
        422, "Archive too large", "The document unpacks to more than is sensible. Save it anew."
    ),
    "macros_not_allowed": Entry(
        422, "Macros not allowed", "The document brings programs along. Save it without macros."
    ),
    "unreadable_workbook": Entry(
        422,
        "Unreadable workbook",
        "The file is an .xlsx workbook, but cannot be read. Fill in the scorecard's template and send that.",
    ),
    "document_infected": Entry(
        409, "Document infected", "The virus scanner found something in it after it was handed in. It is kept back."
    ),
    "malware_found": Entry(422, "Malware found", "The virus scanner found something. Nothing of it was kept."),
}

_OF_GUARDS = {
    "not_now": Entry(
        409, "Not possible in this state", "The machine has no such road from the case's state; see allowed_commands."
    ),
    **{
        guard.code: Entry(
            403 if guard.forbids else 409,
            guard.code.replace("_", " ").capitalize(),
            guard.__doc__ or "The caller's role may not send this command.",
        )
        for command in COMMANDS.values()
        for guard in command.guards
    },
}

CATALOGUE: dict[str, Entry] = {**_OF_GUARDS, **_OF_HTTP, **_OF_DOCUMENTS}
"""What is said here by hand goes before what a guard says of itself."""
