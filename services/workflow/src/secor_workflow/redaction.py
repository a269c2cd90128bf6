"""What a line of the log must not tell: keys, tokens, passwords, and how to reach somebody."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

LONGEST = 32_000
"""Characters of one value; more is cut off."""
SHORT = 100
"""Characters of a value that may well come again: words, routes, names of modules."""
TELLTALE = re.compile(r"(?i)password|passwd|secret|token|api_?key|authorization|cookie|credential")
"""Names whose values are never told, whatever they look like."""

_ID_OR_INSTANT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_NAME = r"(?i:password|passwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|authorization)"
_ATOM = r"\w.!#$%&'*+/=?^`{|}~-"
_SCHEME = r"(?<![\w+.-])([a-z][a-z0-9+.-]{0,30})"
_URL = r"[^\s\"'<>]"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer)\s+[^\s\"',;)\]}]+"), r"\1 [secret]"),
    (re.compile(r"(?i)(authorization[\"']?\s*[:=,]\s*b?[\"']?)(\w+)\s+[^\s\"']+"), r"\1\2 [secret]"),
    (re.compile(r"\bsecor_(?:live|test)_\w+"), "[key]"),
    (re.compile(r"\bsecor_(?!workflow|notifier)[\w-]{20,}"), "[key]"),  # of the form before
    (re.compile(r"\bwhsec_[\w+/=-]+"), "[secret]"),
    (re.compile(r"(?<![\w.-])eyJ[\w-]+\.[\w-]*\.[\w.-]*"), "[token]"),
    (re.compile(r"/(calendars|unsubscribe)/(?!\{)[^\s\"'<>/?]+"), r"/\1/[token]"),
    # Addresses: of the web the host is told, of a database, a store or a mail server the place without who opens it;
    # of anything else nothing, since a chat's address is its key.
    (re.compile(rf"(?i){_SCHEME}://{_URL}{{0,500}}@"), r"\1://[secret]@"),
    (re.compile(rf"(?i)\b(https?://[^\s/?#\"'<>]+)[/?#]{_URL}+"), r"\1/…"),
    (re.compile(rf"(?!https?:|postgres|sqlite|file:|s3:|smtps?:){_SCHEME}://{_URL}+"), r"\1://[secret]"),
    (re.compile(rf"{_SCHEME}(://[^\s?\"'<>]{{0,500}})\?{_URL}+"), r"\1\2?…"),
    (re.compile(rf"({_NAME}[\"']?\s*[=:]\s*b?[\"']?)(?!\w+ \[secret\])[^\s\"',;&)}}\]]+"), r"\1[secret]"),
    # Each begins where no such run goes on, so that a long word is read once.
    (re.compile(rf"(?<![{_ATOM}])[{_ATOM}]+@[\w-]+(?:\.[\w-]+)*"), "[e-mail]"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+%40[\w.-]+"), "[e-mail]"),
    (re.compile(r"(?<![\w-])(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])"), "[phone]"),
    (re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"), "\N{REPLACEMENT CHARACTER}"),  # a terminal would obey some
)


def redacted(text: str) -> str:
    """The same text without what must not be told."""
    if _ID_OR_INSTANT.fullmatch(text):
        return text
    return _seen_before(text) if len(text) <= SHORT else _by_rules(text)


@lru_cache(maxsize=2048)
def _seen_before(text: str) -> str:
    return _by_rules(text)


def _by_rules(text: str) -> str:
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} … ({len(text)} characters)"
    for rule, instead in _RULES:
        text = rule.sub(instead, text)
    return text


@lru_cache(maxsize=2048)
def _is_telltale(name: str) -> bool:
    return bool(TELLTALE.search(name))


def tellable(value: object) -> Any:  # noqa: ANN401 (whatever JSON can say)
    """A value of a line, however deep, without what must not be told."""
    if isinstance(value, str):
        return redacted(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): "[secret]" if _is_telltale(str(name)) else tellable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [tellable(inner) for inner in value]
    return redacted(str(value))
