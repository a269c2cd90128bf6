"""The headers that the API takes and gives, as the OpenAPI document tells of them."""

from collections.abc import Iterable
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}

_TAKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "X-Request-ID": (
        "Your name for the request, kept if it is 1 to 100 letters, digits, `.`, `_` or `-`; else one is made.",
        TEXT,
        "nightly-export-17",
    ),
    "traceparent": (
        "W3C Trace Context; given back if it is well-formed.",
        TEXT,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    "Idempotency-Key": (
        "Makes the request safe to repeat: the same key and body get the recorded answer again.",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "0195c1d0-5ec0-7000-8000-00000000000a",
    ),
    "If-Match": (
        "Only if the case is still at this version, as its `ETag` said.",
        {"type": "string", "pattern": '^(\\*|"[0-9]{1,9}")$'},
        '"3"',
    ),
    "If-None-Match": ("Only if it is no longer what you have, as its `ETag` said.", TEXT, '"3"'),
    "Range": ("One part of the bytes; several get the whole.", TEXT, "bytes=0-1023"),
    "If-Range": ("The part only if it is still what you have, as its `ETag` said; else the whole.", TEXT, '"3"'),
    "Content-Digest": (
        "The SHA-256 of the body (RFC 9530); a raw body needs it, a form may have it. What does not agree is refused.",
        TEXT,
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
    ),
    "Last-Event-ID": (
        "Resumes a live stream: the `id` of its last event. Goes before `after`.",
        TEXT,
        "0195c1d05ec07000.812",
    ),
}

_GIVEN: dict[str, tuple[str, dict[str, Any], bool]] = {
    "X-Request-ID": ("The request's id: yours, or a new one.", TEXT, True),
    "ETag": ("The version, in quotes.", TEXT, True),
    "Location": ("Where what was made can be read.", TEXT, False),
    "Link": ('The next page: `<...>; rel="next"`.', TEXT, False),
    "Next-Cursor": ("Where to read on; it moves on even when nothing matched.", TEXT, False),
    "Wait-Limit": (
        "The seconds that were waited at most, if you asked for more.",
        {"type": "string", "pattern": "^[0-9.e+]+$"},
        False,
    ),
    "Idempotency-Replayed": (
        "The answer is the recorded one; nothing was done again.",
        {"type": "string", "const": "true"},
        False,
    ),
    "Cache-Control": ("Who may keep the answer, and for how long.", TEXT, False),
    "Content-Disposition": ("An attachment, and its name.", TEXT, False),
    "Content-Range": ("Which part this is, and of how many bytes.", TEXT, False),
    "Content-Security-Policy": ("Should a browser open it all the same, it may do nothing.", TEXT, False),
    "Accept-Ranges": ("Parts may be asked for.", {"type": "string", "const": "bytes"}, False),
    "Repr-Digest": ("The SHA-256 of the whole document (RFC 9530).", TEXT, False),
    "Retry-After": (
        "Seconds to wait before you send it again, with the same key.",
        {"type": "string", "pattern": "^[0-9]+$"},
        False,
    ),
    "RateLimit": ("What is left of each limit, and the seconds until it is whole again.", TEXT, False),
    "RateLimit-Policy": ("The limits: how many requests in how many seconds.", TEXT, False),
    "WWW-Authenticate": ("How to authenticate.", TEXT, True),
}


def components() -> dict[str, Any]:
    """Every header once, for the operations to refer to."""
    return {
        "parameters": {
            name: {
                "name": name,
                "in": "header",
                "required": False,
                "description": says,
                "schema": schema,
                "example": example,
            }
            for name, (says, schema, example) in _TAKEN.items()
        },
        "headers": {
            name: {"description": says, "required": always, "schema": schema}
            for name, (says, schema, always) in _GIVEN.items()
        },
    }


def taken(names: Iterable[str]) -> list[dict[str, str]]:
    """The parameters of an operation that takes these headers."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in ("X-Request-ID", "traceparent", *names)]


def given(names: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """The headers of an answer that gives these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}
