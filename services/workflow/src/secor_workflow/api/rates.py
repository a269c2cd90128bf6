"""How much may be asked for in a minute: by a caller, from an address, and with credentials that open nothing."""

import math
import time
from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Literal

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from secor_workflow.api.problems import Problem

MOST_COUNTED = 100_000
Subject = Literal["caller", "address", "failures"]


class Counters(Storage):
    """Counts in memory. Of a hundred thousand callers and addresses the one longest unseen is forgotten."""

    STORAGE_SCHEME = ["secor+memory"]  # noqa: RUF012 (the library's own form)

    def __init__(self) -> None:
        super().__init__()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        return KeyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        if ends <= time.time():
            count, ends = 0, time.time() + expiry
        self._counts[key] = (count + amount, ends)
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_COUNTED:
            self._counts.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._counts.clear()
        return None

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)


class Rates:
    """The limits of this process; 0 means none."""

    def __init__(self, *, per_caller: int, per_address: int, failures_per_address: int) -> None:
        self._limiter = FixedWindowRateLimiter(Counters())
        given = {"caller": per_caller, "address": per_address, "failures": failures_per_address}
        self._items = {subject: RateLimitItemPerMinute(most) for subject, most in given.items() if most}

    def take(self, request: Request, actor_id: str, cost: int = 1) -> None:
        """One more request that was let in, or as many as it stands for. Raises a Problem if that is too many."""
        self._count(request, {"caller": actor_id, "address": address_of(request)}, cost)

    def fail(self, request: Request) -> None:
        """One more credential that opens nothing. Raises a Problem if it is one too many."""
        self._count(request, {"failures": address_of(request)})

    def has_failed_enough(self, request: Request) -> bool:
        """Whether one more credential from there that opens nothing would be one too many."""
        item = self._items.get("failures")
        return item is not None and not self._limiter.test(item, "failures", address_of(request))

    def _count(self, request: Request, subjects: dict[Subject, str], cost: int = 1) -> None:
        limited = {subject: who for subject, who in subjects.items() if subject in self._items}
        spent = [
            subject
            for subject, who in limited.items()
            if not self._limiter.hit(self._items[subject], subject, who, cost=cost)
        ]
        left = [self._left(subject, who) for subject, who in limited.items()]
        request.scope["rate_limits"] = _headers(left)
        if spent:
            waits = max(seconds for subject, _, _, seconds in left if subject in spent)
            raise Problem(
                "too_many_requests",
                f"That is too much for a minute from this {_named(spent[0])}; wait {waits} seconds.",
                headers={"Retry-After": str(waits)},
            )

    def _left(self, subject: Subject, who: str) -> tuple[Subject, int, int, int]:
        item = self._items[subject]
        ends, remaining = self._limiter.get_window_stats(item, subject, who)
        return subject, item.amount, max(0, remaining), max(1, math.ceil(ends - time.time()))


def address_of(request: Request) -> str:
    """Where a request came from; of IPv6 the network, since one machine has any number of addresses in it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:  # what a trusted proxy passed on, perhaps as somebody typed it
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


def _named(subject: Subject) -> str:
    return "caller" if subject == "caller" else "address"


def _headers(left: Iterable[tuple[Subject, int, int, int]]) -> dict[str, str]:
    """As the IETF's draft on rate limit headers writes them."""
    known = list(left)
    if not known:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{subject}";q={most};w=60' for subject, most, _, _ in known),
        "RateLimit": ", ".join(f'"{subject}";r={remaining};t={seconds}' for subject, _, remaining, seconds in known),
    }
