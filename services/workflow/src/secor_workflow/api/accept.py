"""Which of the media types that we can give does the caller like best?"""

import re
from collections.abc import Sequence

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


def best(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer that `Accept` likes best, the first of equals; nothing if it likes none (RFC 9110, section 12.5.1)."""
    ranges = [_parsed(part) for part in (accept or "").split(",") if part.strip()]
    if not ranges:
        return offers[0]
    liked = {offer: _quality(offer, ranges) for offer in offers}
    offer = max(offers, key=lambda offer: liked[offer])
    return offer if liked[offer] > 0 else None


def _parsed(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    return media, float(given) if _QUALITY.fullmatch(given) else 0.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The most exact range that fits decides."""
    for exact in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        for media, quality in ranges:
            if media == exact:
                return quality
    return 0.0
