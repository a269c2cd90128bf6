"""How much may be asked for in a minute: by a caller, from an address, and with credentials that open nothing."""

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Literal

from fastapi import Request

from secor_workflow.api.problems import Problem

MOST_COUNTED = 100_000
MINUTE = 60
Subject = Literal["caller", "address", "failures"]
_NOTHING = (0, 0.0)


class Counters:
    """Counts in memory, each for a minute from its first. Of a hundred thousand the one longest unseen is forgotten."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[Subject, str], tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, subject: Subject, who: str, amount: int = 1) -> tuple[int, float]:
        """What it comes to, and in how many seconds the counting begins anew."""
        key, now = (subject, who), time.monotonic()
        count, ends = self._counts.get(key, _NOTHING)
        if ends <= now:
            count, ends = 0, now + MINUTE
        self._counts[key] = count + amount, ends
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_COUNTED:
            self._counts.popitem(last=False)
        return count + amount, ends - now

    def of(self, subject: Subject, who: str) -> int:
        """What it has come to by now."""
        count, ends = self._counts.get((subject, who), _NOTHING)
        return count if ends > time.monotonic() else 0


class Rates:
    """The limits of this process; 0 means none."""

    def __init__(self, *, per_caller: int, per_address: int, failures_per_address: int) -> None:
        self._counters = Counters()
        given: dict[Subject, int] = {"caller": per_caller, "address": per_address, "failures": failures_per_address}
        self._most = {subject: most for subject, most in given.items() if most}
        # As the IETF's draft on rate limit headers writes them.
        self._policies = {subject: f'"{subject}";q={most};w={MINUTE}' for subject, most in self._most.items()}

    def take(self, request: Request, actor_id: str, cost: int = 1) -> None:
        """One more request that was let in, or as many as it stands for. Raises a Problem if that is too many."""
        self._count(request, (("caller", actor_id), ("address", address_of(request))), cost)

    def fail(self, request: Request) -> None:
        """One more credential that opens nothing. Raises a Problem if it is one too many."""
        self._count(request, (("failures", address_of(request)),))

    def has_failed_enough(self, request: Request) -> bool:
        """Whether one more credential from there that opens nothing would be one too many."""
        most = self._most.get("failures")
        return most is not None and self._counters.of("failures", address_of(request)) >= most

    def _count(self, request: Request, subjects: Sequence[tuple[Subject, str]], cost: int = 1) -> None:
        policies, lefts, spent = [], [], []
        for subject, who in subjects:
            if (most := self._most.get(subject)) is None:
                continue
            count, left = self._counters.add(subject, who, cost)
            seconds = max(1, math.ceil(left))
            policies.append(self._policies[subject])
            lefts.append(f'"{subject}";r={max(0, most - count)};t={seconds}')
            if count > most:
                spent.append((seconds, subject))
        told = (b"ratelimit-policy", ", ".join(policies).encode()), (b"ratelimit", ", ".join(lefts).encode())
        request.scope["rate_limits"] = told if lefts else ()
        if spent:
            waits, subject = max(spent)
            raise Problem(
                "too_many_requests",
                f"That is too much for a minute from this {_named(subject)}; wait {waits} seconds.",
                headers={"Retry-After": str(waits)},
            )


def address_of(request: Request) -> str:
    """Where a request came from; of IPv6 the network, since one machine has any number of addresses in it."""
    client = request.scope.get("client")
    return _address(client[0] if client else "")


@lru_cache(maxsize=1000)
def _address(host: str) -> str:
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
