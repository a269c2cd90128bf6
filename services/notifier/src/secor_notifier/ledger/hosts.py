"""The address of a ledger on several servers, written as PostgreSQL's own programs take it."""

import re

_SEVERAL = re.compile(
    r"(?P<before>postgres(?:ql)?(?:\+asyncpg)?://(?:[^/?#@]*@)?)(?P<hosts>[^/?#@]+,[^/?#]+)(?P<after>.*)"
)
_USUAL_PORT = "5432"
_WHOM = "target_session_attrs"


def hosts_in_query(url: str) -> str:
    """`…@a:1,b:2/name` as `…@/name?host=a:1&host=b:2`, the form that the driver's address has; any other as it is.

    Of several it is for the one that can be written to, unless the address says otherwise.
    """
    match = _SEVERAL.fullmatch(url)
    if match is None:
        return url
    if "[" in match["hosts"]:
        raise ValueError("Of several servers each is given by its name or its IPv4 address, not by an IPv6 address.")
    path, _, query = match["after"].partition("?")
    parts = [f"host={host}" if ":" in host else f"host={host}:{_USUAL_PORT}" for host in match["hosts"].split(",")]
    parts += [query] if query else []
    parts += [] if _WHOM in query else [f"{_WHOM}=primary"]
    return f"{match['before']}{path}?{'&'.join(parts)}"
