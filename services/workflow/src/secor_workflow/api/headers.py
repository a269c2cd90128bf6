"""The headers of a request, looked through once and kept with it."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any


def headers_of(scope: MutableMapping[str, Any]) -> Mapping[bytes, Sequence[bytes]]:
    """Every value that each was given; their names are in small letters, as the server puts them."""
    known: dict[bytes, list[bytes]] | None = scope.get("given")
    if known is None:
        known = scope["given"] = {}
        for name, value in scope["headers"]:
            known.setdefault(name, []).append(value)
    return known
