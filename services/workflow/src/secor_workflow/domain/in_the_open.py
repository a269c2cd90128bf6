"""Text that stands in the log for ever: an e-mail address or a phone number in it is found before it gets there."""

import re
import unicodedata

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

FROM_A_CALLER = {"from_a_caller": True}
"""The context in which a wish is read from a request. What already stands in the log is read without it."""

_BEGINS = r"(?<![\w.+-])"
"""Where no such run goes on: a long word is read once, and not anew from each of its letters."""
_EMAIL = re.compile(  # robin@example.com; robin @ example.com; robin (at) example.com; robin at example dot com
    r"""(?<![^\s@<>(),;:"])[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\W\d_]{2,}"""
    rf"""|{_BEGINS}[\w.+-]+\s?@\s?[\w.-]+\.(?:com|ca|net|org|info)\b"""
    rf"""|{_BEGINS}[\w.+-]+\s+at\s+[\w-]+\s+dot\s+(?:com|ca|net|org|info)\b"""
    rf"""|{_BEGINS}[\w.+-]+\s*[(\[{{]\s*at\s*[)\]}}]\s*\w[\w-]*\s*(?:\.|[(\[{{]\s*dot\s*[)\]}}])\s*\w{{2,}}""",
    re.IGNORECASE,
)
_PERHAPS_EMAIL = re.compile(r"@|at(?:\s|[)\]}])", re.IGNORECASE)
_PERHAPS_PHONE = re.compile(r"(?:\d\D*){7}")
"""Most texts have nothing of either, which is seen at a glance: each pattern above needs this much."""
_WRITTEN_AT = re.compile(r"%40|&#0*64;")
_BREAK = r"(?: ?[-./_,~\u2022\u00b7] ?| )"
"""What may stand between the parts of a number."""
_PHONE = re.compile(  # 604-555-0142; (604)5550142; 604-555-0142x3; +44 20 7946 0958; phone 5550142
    rf"""(?<![\w-])(?:\+?1{_BREAK}?)?(?:\([2-9]\d\d\){_BREAK}?|[2-9]\d\d{_BREAK})"""
    rf"""[2-9]\d\d{_BREAK}?\d{{4}}(?=\W|ext|x|\Z)(?!-\w)"""
    r"""|(?<!\w)\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)"""
    r"""|\b(?:tel|telephone|phone|ph|cell|mobile|fax|call|text)(?![^\W\d])"""
    r"""[^\w\n]{0,3}\(?\d(?:[ ().-]{0,2}\d){6,14}(?!\w)""",
    re.IGNORECASE,
)


def personal_data_in(text: str) -> str | None:
    """What of a person stands in a text, or nothing. Account numbers, dates, codes and certificates are no phones."""
    plain = _plain(text)
    if _PERHAPS_EMAIL.search(plain) and _EMAIL.search(plain):
        return "an e-mail address"
    return "a phone number" if _PERHAPS_PHONE.search(plain) and _PHONE.search(plain) else None


def in_the_open(text: str, info: ValidationInfo) -> str:
    """A value that is refused if a caller wrote somebody's address or number into it."""
    if info.context == FROM_A_CALLER and (found := personal_data_in(text)):
        raise PydanticCustomError(
            "personal_data",
            "There is {found} in it, and it would stand in the log for ever. Say it where it can be erased: as the "
            "contact or the champion, or in a reason, note or answer.",
            {"found": found},
        )
    return text


def _plain(text: str) -> str:
    """As a reader sees it: full-width signs and odd dashes are what they look like, invisible signs are nothing."""
    seen = text if text.isascii() else "".join(map(_seen, unicodedata.normalize("NFKC", text)))
    return _WRITTEN_AT.sub("@", seen)


def _seen(sign: str) -> str:
    kind = unicodedata.category(sign)
    return str(unicodedata.decimal(sign)) if kind == "Nd" else _ODD.get(sign, _LOOKS_LIKE.get(kind, sign))


_LOOKS_LIKE = {"Pd": "-", "Zs": " ", "Zl": " ", "Zp": " ", "Cf": "", "Mn": ""}
_ODD = {"\N{MINUS SIGN}": "-", "\N{IDEOGRAPHIC FULL STOP}": ".", "\N{HANGUL JUNGSEONG FILLER}": " "}
