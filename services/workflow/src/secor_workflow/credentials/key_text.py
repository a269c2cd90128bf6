"""How a key reads: what it opens, chance, and a checksum, so that typing errors and leaked keys are recognised."""

import re
import secrets
import string
from typing import Literal
from zlib import crc32

Kind = Literal["live", "test"]
"""A sandbox makes and takes test keys, every other service live ones."""

PREFIX = "secor_"
LONGEST = 200
_DIGITS = string.digits + string.ascii_letters
_CHANCE, _CHECK = 43, 6  # 43 of 62 characters are 256 bits; 6 hold every CRC-32
_NEW = re.compile(r"secor_(live|test)_")
_WHOLE = re.compile(rf"(secor_(?:live|test)_[0-9A-Za-z]{{{_CHANCE}}})([0-9A-Za-z]{{{_CHECK}}})")


def new_text(kind: Kind) -> str:
    """A key nobody has seen."""
    text = f"{PREFIX}{kind}_" + "".join(secrets.choice(_DIGITS) for _ in range(_CHANCE))
    return text + _checksum(text)


def kind_of(text: str) -> str | None:
    """`live` or `test`, if it begins like a key of the present form."""
    found = _NEW.match(text)
    return found[1] if found else None


def is_mistyped(text: str) -> bool:
    """Whether it was meant to be a key of the present form and is none: a letter is wrong or missing."""
    whole = _WHOLE.fullmatch(text)
    return kind_of(text) is not None and (whole is None or _checksum(whole[1]) != whole[2])


def may_be_key(text: str) -> bool:
    """Whether it is worth asking for: of the present form and whole, or of the form before it."""
    return text.startswith(PREFIX) and len(text) <= LONGEST and not is_mistyped(text)


def beginning(text: str) -> str:
    """Its first characters, to recognise it by in a list."""
    return text[: len("secor_live_") + 6]


def _checksum(text: str) -> str:
    rest, digits = crc32(text.encode()), []
    for _ in range(_CHECK):
        rest, digit = divmod(rest, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
