"""A client's file name made safe to give back: no folders, nothing invisible, of a sensible length, never empty."""

import re
import unicodedata

MAX_LENGTH = 150
_UNWELCOME = re.compile(r'[<>:"/\\|?*]')
"""What some file system reads as something else than a letter."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
"""Names of Windows' devices."""
_MAX_EXTENSION = 12


def safe_name(name: str) -> str:
    """The last part of a path, composed (NFC), without control, format or bidirectional characters."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = _UNWELCOME.sub("_", " ".join(unicodedata.normalize("NFC", visible).split()))
    stem, dot, extension = plain.strip(". ").rpartition(".")
    ending = dot + extension if stem and len(extension) <= _MAX_EXTENSION else ""
    whole = (stem if ending else plain.strip(". "))[: MAX_LENGTH - len(ending)].rstrip(". ") + ending
    return f"_{whole}"[:MAX_LENGTH] if _RESERVED.match(whole) else whole or "document"
