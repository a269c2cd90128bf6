"""Batches over REST: 1,000 registrations a request, as many commands a second as that makes."""

import json
import time
from itertools import count
from urllib.request import Request, urlopen

from bench.generator import registration
from bench.servers import Serving

LINES = 1000
_ACCOUNTS = count(5_000_000_000)


def batches(on: Serving, number: int) -> float:
    """Commands a second over so many batches, one after the other."""
    bodies = [_batch() for _ in range(number)]
    began = time.perf_counter()
    for body in bodies:
        headers = {"Authorization": f"Bearer {on.key}", "Content-Type": "application/x-ndjson"}
        with urlopen(Request(f"{on.url}/v1/commands:batch", body, headers), timeout=120) as answer:  # noqa: S310 (our own server)
            done = answer.read().count(b'"status":201')
        if done != LINES:
            raise RuntimeError(f"only {done} of {LINES} lines were done")
    return number * LINES / (time.perf_counter() - began)


def _batch() -> bytes:
    lines = []
    for _ in range(LINES):
        account = next(_ACCOUNTS)
        line = {"command": "register-employer", "idempotency_key": f"bench-{account}"}
        lines.append(json.dumps(line | {"body": json.loads(registration(account, "761056"))}))
    return "\n".join(lines).encode()
