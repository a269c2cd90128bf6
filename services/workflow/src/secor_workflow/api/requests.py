"""Reading a request: its body, its ids, its headers, each with a clear word if it is wrong."""

import re
from functools import lru_cache
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Path, Request
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import ClientDisconnect

from secor_workflow.api.headers import headers_of
from secor_workflow.api.problems import Problem, invalid
from secor_workflow.api.rooms import rooms_of
from secor_workflow.domain.in_the_open import FROM_A_CALLER, personal_data_in

M = TypeVar("M", bound=BaseModel)

Id = Annotated[str, Path(json_schema_extra={"format": "uuid"}, description="A UUID.")]

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_ETAG = re.compile(r'"([0-9]{1,9})"', re.ASCII)
_JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json", re.IGNORECASE)


def _written_out(value: object) -> object:
    """A bare number would be taken for the seconds of some clock."""
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError("Write an instant as 2026-11-22T18:04:05Z.")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out)]


def written_as_duration(value: object) -> object:
    """As above: a bare number is nobody's duration."""
    if not isinstance(value, str) or not value.startswith("P"):
        raise ValueError("Write a duration as P14D or PT12H.")
    return value


class _Kept(StringConvertor):
    """An id in a path that may go on with `:erase` or another verb."""

    regex = "[^/:]+"


register_url_convertor("kept", _Kept())


LISTS = {"state", "type"}
"""Query parameters that may be given several times."""

MOST_ERRORS = 100
"""More than these are counted, not listed."""


class Parameters(BaseModel):
    """Query parameters; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


async def each_once(request: Request) -> None:
    """A parameter given twice is refused, unless it is a list: nobody could say which one was meant.

    Operations without parameters pass over whatever is given.
    """
    route = request.scope.get("route")
    if not request.scope["query_string"] or not isinstance(route, APIRoute) or not route.dependant.query_params:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    if twice := sorted({name for name in names if names.count(name) > 1} - LISTS):
        detail = f"`{twice[0][:60]}` is given more than once."
        raise Problem("invalid_request", detail, errors=[{"pointer": f"/{twice[0][:60]}", "detail": detail}])


async def parse(request: Request, model: type[M]) -> tuple[M, bytes]:
    """The body as a model, and its bytes. No body at all counts as an empty object."""
    raw = await body_of(request, rooms_of(request).settings.max_body_bytes)
    if raw and not _is_json(single(request, "content-type") or ""):
        raise Problem("unsupported_media_type", "Send the body with `Content-Type: application/json`.")
    return read(model, raw or b"{}"), raw


def read(model: type[M], text: bytes) -> M:
    """JSON that a caller sent, as a model. Raises a Problem that names each place where it is wrong."""
    try:
        return model.model_validate_json(text, context=FROM_A_CALLER)
    except ValidationError as error:
        if error.error_count() > MOST_ERRORS:
            raise Problem("invalid_request", f"The body is wrong in {error.error_count()} places.") from error
        errors = error.errors(include_url=False, include_input=False)
        if errors[0]["type"] == "json_invalid":
            raise Problem("malformed_json", f"The body is not JSON: {errors[0]['msg']}.") from error
        personal = any(e["type"] == "personal_data" for e in errors)
        raise invalid([dict(e) for e in errors], "personal_data" if personal else "invalid_request") from error


async def body_of(request: Request, most: int) -> bytes:
    """The whole body, if it has no more bytes than it may have."""
    length, body, more = "".join(given_as(request, "content-length")[:1]), bytearray(), True
    said = int(length) if length.isascii() and length.isdigit() else 0
    while more and max(said, len(body)) <= most:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if max(said, len(body)) > most:
        raise Problem("body_too_large", f"The body may have {most} bytes at most.")
    return bytes(body)


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    return bool(_JSON_TYPE.fullmatch(content_type.split(";", maxsplit=1)[0].strip()))


def uuid_of(value: str) -> UUID:
    """The id in a path; what is no id names nothing, nor does an id in other signs (Python would read them too)."""
    if not _UUID.fullmatch(value):
        raise not_found()
    return UUID(value)


def not_found(what: str = "case") -> Problem:
    return Problem("not_found", f"There is no such {what}, or you may not see it.")


def given_as(request: Request, name: str) -> list[str]:
    """Every value that a header was given, read where the server put them."""
    return [value.decode("latin-1") for value in headers_of(request.scope).get(name.encode(), ())]


def single(request: Request, name: str) -> str | None:
    """A header that may be given once: two of them are two wishes, and a proxy may have read the other one."""
    given = given_as(request, name)
    if len(given) > 1:
        raise Problem("bad_header", f"`{name}` is given more than once.")
    return given[0] if given else None


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key`, if one is given."""
    key = single(request, "idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem("bad_header", "`Idempotency-Key` is 1 to 255 visible ASCII characters, such as a UUID.")
    if key is not None and not _UUID.fullmatch(key) and personal_data_in(key):
        raise Problem("bad_header", "`Idempotency-Key` is kept for ever: nobody's address or number may be in it.")
    return key


def if_match(request: Request) -> int | None:
    """The version in `If-Match`, if one is given; `*` asks for none in particular."""
    value = single(request, "if-match")
    if value is None or value.strip() == "*":
        return None
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise Problem("bad_header", '`If-Match` is the case\'s ETag: its version in quotes, such as "3".')
    return int(match[1])


def not_modified(request: Request, etag: str) -> bool:
    """Whether the caller already has this."""
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in given or "*" in given
