"""What is wrong with a value, in words for whoever sent it: none of a programming language's, no pattern of signs."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from secor_notifier.api.shapes import UUID

CONTROL = "No control characters can stand here; write plain text."
SMALL = "Small letters and underscores, 64 at most"
PATTERNS = {
    UUID: "Write a UUID, such as 0195c1d0-5ec0-7000-8000-000000000001.",
    rf"{UUID}|^staff$|^worksafebc$": "Write a person's id, `staff` or `worksafebc`.",
    r"^[a-z0-9_]{1,64}$": f"{SMALL}, and digits; such as audit_submission.",
    r"^[a-z_]{1,64}$": f"{SMALL}; such as audit_submission.",
    r"^[\x21-\x7e]+$": "Visible ASCII characters, such as a UUID.",
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$": "Write a language as fr or fr-CA.",
    r"^<[^<>\s\x00-\x1f\x7f]{1,250}>$": "Write a message's id with its brackets, as in <01ab@secor.example>.",
    r"^[245]\.\d{1,3}\.\d{1,3}$": "Write a status as 5.1.1: it begins with 2, 4 or 5.",
    r"^(\*|[A-Z][A-Za-z]{0,63})$": "Write an event's name, such as NoticeFiled, or `*` for all of them.",
    r"^[^\x00-\x1f\x7f]+$": f"One line of text. {CONTROL}",
}
"""What each pattern of a body's fields asks for."""

WHAT_STANDS_THERE = "This is not what is asked for here; see the description of the field."
SENTENCES = {
    "missing": "This must be given.",
    "missing_argument": "This must be given.",
    "missing_keyword_only_argument": "This must be given.",
    "extra_forbidden": "There is no such field here; correct its name, or leave it out.",
    "unexpected_keyword_argument": "There is no such field here; correct its name, or leave it out.",
    "string_type": "Write text in quotes.",
    "string_unicode": "Half a character stands in it; write whole ones.",
    "string_pattern_mismatch": "It has not the form that is asked for.",
    "bool_type": "Write true or false, without quotes.",
    "bool_parsing": "Write true or false.",
    "int_type": "Write a whole number, without quotes.",
    "int_parsing": "Write a whole number.",
    "int_parsing_size": "The number is too large.",
    "int_from_float": "Write a whole number.",
    "float_type": "Write a number, without quotes.",
    "float_parsing": "Write a number.",
    "finite_number": "Write a number that has an end.",
    "list_type": "Write a list: [ … ].",
    "tuple_type": "Write a list: [ … ].",
    "set_type": "Write a list: [ … ].",
    "dict_type": "Write an object: { … }.",
    "model_type": "Write an object: { … }.",
    "model_attributes_type": "Write an object: { … }.",
    "dataclass_type": "Write an object: { … }.",
    "none_required": "Nothing can be given here; leave it out.",
    "date_type": "Write a date as 2026-11-22.",
    "date_parsing": "Write a date as 2026-11-22.",
    "date_from_datetime_parsing": "Write a date as 2026-11-22.",
    "date_from_datetime_inexact": "Write a date as 2026-11-22, without a time.",
    "time_parsing": "Write a time as 09:30.",
    "datetime_type": "Write an instant as 2026-11-22T18:04:05Z.",
    "datetime_parsing": "Write an instant as 2026-11-22T18:04:05Z.",
    "datetime_from_date_parsing": "Write an instant as 2026-11-22T18:04:05Z.",
    "timezone_aware": "Add the offset, as in 2026-11-22T10:00:00-07:00.",
    "time_delta_type": "Write a duration as P14D or PT12H.",
    "time_delta_parsing": "Write a duration as P14D or PT12H.",
    "uuid_type": "Write a UUID, such as 0195c1d0-5ec0-7000-8000-000000000001.",
    "uuid_parsing": "Write a UUID, such as 0195c1d0-5ec0-7000-8000-000000000001.",
}
"""By the kind of error that needs no number or word of its own."""

LIMITS = {
    "too_short": "At least {min_length} must be given.",
    "too_long": "At most {max_length} can be given.",
    "string_too_short": "Write {min_length} or more characters.",
    "string_too_long": "Write {max_length} characters or fewer.",
    "greater_than": "It must be more than {gt}.",
    "greater_than_equal": "It must be {ge} or more.",
    "less_than": "It must be less than {lt}.",
    "less_than_equal": "It must be {le} or less.",
    "literal_error": "Write one of these: {expected}.",
    "enum": "Write one of these: {expected}.",
}
"""By the kind of error that has a number or words of its own."""

_DAY = re.compile(r"datetime\.date(?:time)?\((\d+), (\d+), (\d+)")
"""Bounds of dates come as Python writes them."""
_OF_THE_LANGUAGE = frozenset(get_args(ErrorType))


def in_words(error: Mapping[str, Any]) -> str:
    """One of Pydantic's errors as a sentence; what our own rules say is one already."""
    kind, told = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return sentence(str(error["msg"]).removeprefix("Value error, "))
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(told["pattern"], SENTENCES[kind])
    if kind in LIMITS:
        return LIMITS[kind].format_map({name: _written(value) for name, value in told.items()})
    if kind in _OF_THE_LANGUAGE:
        return SENTENCES.get(kind, WHAT_STANDS_THERE)
    return str(error["msg"])


def _written(value: object) -> str:
    """A bound as a caller would write it: words without their quotes, a day as in JSON."""
    if day := _DAY.match(str(value)):
        return "-".join(part.zfill(2) for part in day.groups())
    return str(value).replace("'", "").removesuffix(".0")


def sentence(said: str) -> str:
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?")) else ".")
