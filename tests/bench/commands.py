"""Commands over REST: the service beside an empty handler, one that only inserts, and pyeventsourcing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from bench.figures import Figure, middle, ratios
from bench.servers import HERE, Serving

Rounds = dict[str, list[dict[str, Any]]]
_ACCOUNTS = count(1)


def load(on: Serving, *, clients: int, seconds: float) -> dict[str, Any]:
    """What the generator, a process of its own, says of one run."""
    asked = {"port": on.port, "key": on.key or "none", "clients": clients, "seconds": seconds}
    asked["first_account"] = next(_ACCOUNTS) * 1_000_000
    done = subprocess.run(
        [sys.executable, str(HERE / "generator.py"), json.dumps(asked)], check=True, stdout=subprocess.PIPE
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if told["failed"]:
        raise RuntimeError(f"{told['failed']} requests failed; the first: {told['first_failure']}")
    return told


def interleaved(servers: dict[str, Serving], *, clients: int, rounds: int, seconds: float) -> Rounds:
    """Every round asks each of them, one after the other, so that a busy minute of the machine hits all alike."""
    found: Rounds = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(load(server, clients=clients, seconds=seconds))
    return found


def figures(many: Rounds, one: Rounds) -> Iterator[Figure]:
    """The first four lines of the table, and SQLite's column."""
    rate = {name: [told["a_second"] for told in rounds] for name, rounds in many.items()}
    wait = {name: [told["p50"] for told in rounds] for name, rounds in one.items()}
    goals = (
        ("empty", "an empty FastAPI POST with the same body model", 0.5),
        ("insert", "a FastAPI handler with one asyncpg INSERT", 1.5),
        ("eventsourcing", "pyeventsourcing in FastAPI on PostgreSQL", 8),
    )
    for database, engine in (("service", "PostgreSQL"), ("sqlite", "SQLite")):
        for peer, against, goal in goals:
            yield Figure(
                figure=f"durable commands over REST, 32 clients, {engine}",
                against=against,
                rounds=ratios(rate[database], rate[peer]),
                goal=goal,
                raw=f"{middle('service', rate[database], '/s')}; {middle(peer, rate[peer], '/s')}",
            )
        yield Figure(
            figure=f"the same at one client, p50, {engine}",
            against="the INSERT handler's",
            rounds=ratios(wait[database], wait["insert"]),
            goal=1.5,
            at="most",
            raw=f"{middle('service', wait[database], 'ms')}; {middle('insert', wait['insert'], 'ms')}",
        )


def python_of_peers(root: Path) -> str:
    """The Python that has the peers' packages; `make bench` installs them."""
    return str(root / "build" / "bench-peers" / "bin" / "python")
