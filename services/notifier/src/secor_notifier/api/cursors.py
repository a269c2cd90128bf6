"""Cursors of lists: opaque to the caller, short, and refused if they are not ours."""

import base64
import binascii
import re

from starlette.requests import Request

from secor_notifier.api.problems import Problem

A_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_POSITION = 18


def wrap(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def unwrap(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise bad_cursor() from error


def unwrap_id(cursor: str) -> str:
    """Where the last page of things with ids ended."""
    place = unwrap(cursor)
    if not A_UUID.fullmatch(place):
        raise bad_cursor()
    return place


def unwrap_number(cursor: str) -> int:
    place = unwrap(cursor)
    if not place.isdecimal() or len(place) > LONGEST_POSITION:
        raise bad_cursor()
    return int(place)


def bad_cursor() -> Problem:
    return Problem("bad_cursor", "This cursor was not given out by this list.")


def link_next(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header to the next page, if there is one."""
    if cursor is None:
        return {}
    return {"Link": f'<{request.url.path}?{request.url.include_query_params(cursor=cursor).query}>; rel="next"'}
