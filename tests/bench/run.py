"""`make bench`: every figure in several interleaved rounds, beside its peers, on this machine and on durable databases.

SECOR_BENCH_EVENTS says how large the large log is (`make bench-large`: ten million), SECOR_BENCH_ROUNDS and
SECOR_BENCH_SECONDS how long it takes. `python -m bench.run large log` measures those parts alone; there are also
`commands` and `processes`.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import bulk, commands, deciding, filling, programs, reading, report, running
from bench.figures import Figure, middle, ratios
from bench.servers import HERE, ROOT, Serving, peer, service
from databases import PostgresServer
from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate

EVENTS = int(os.environ.get("SECOR_BENCH_EVENTS", "300000"))
SMALL = 10_000
LONG = 1_000_000
"""A log of more than that is rebuilt and verified once only, and fed three times: each takes minutes."""
ROUNDS = int(os.environ.get("SECOR_BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("SECOR_BENCH_SECONDS", "4"))
console = Console()
BEGAN = time.monotonic()


def rounds(part: str, number: int = ROUNDS) -> Iterator[int]:
    """Every round, told with the time since we began: the whole takes a while."""
    for i in range(number):
        console.print(f"[dim]{time.monotonic() - BEGAN:5.0f} s  {part}, round {i + 1} of {number}[/]")
        yield i


def migrated(server: PostgresServer) -> str:
    """The URL of a new database with the real tables."""

    async def bring_up_to_date() -> None:
        engine = open_engine(url)
        await migrate(engine)
        await engine.dispose()

    url = server.url(server.create_database())
    asyncio.run(bring_up_to_date())
    return url


@contextmanager
def serving(server: PostgresServer, home: Path) -> Iterator[dict[str, Serving]]:
    """The service on both databases, and its peers, all at once; whoever is not asked rests."""
    with ExitStack() as stack:
        enter = stack.enter_context
        python = commands.python_of_peers(ROOT)
        yield {
            "service": enter(service(server.url(server.create_database()), home / "postgresql")),
            "sqlite": enter(service(f"sqlite:///{home / 'workflow.db'}", home / "sqlite")),
            "empty": enter(peer("empty")),
            "insert": enter(peer("one_insert", database=server.url(server.create_database()))),
            "eventsourcing": enter(
                peer("with_eventsourcing", python=python, database=server.url(server.create_database()))
            ),
        }


def of_commands(servers: dict[str, Serving]) -> Iterator[Figure]:
    few = {name: servers[name] for name in ("service", "sqlite", "insert")}
    many: commands.Rounds = {name: [] for name in servers}
    one: commands.Rounds = {name: [] for name in few}
    for _ in rounds("commands"):
        for name, told in commands.interleaved(servers, clients=32, rounds=1, seconds=SECONDS).items():
            many[name] += told
        for name, told in commands.interleaved(few, clients=1, rounds=1, seconds=SECONDS).items():
            one[name] += told
    yield from commands.figures(many, one)


def of_the_log(server: PostgresServer, on: Serving, home: Path) -> Iterator[Figure]:
    """The log by itself and batches over REST, beside pgbench and a lock of the table."""
    url, other = migrated(server), migrated(server)
    found: dict[str, list[float]] = {"log": [], "batch": [], "pgbench": [], "table-lock": []}
    for _ in rounds("log"):
        for kind, where in (("log", url), ("table-lock", other)):
            asked = [sys.executable, str(HERE / "appending.py"), kind, where, str(SECONDS)]
            found[kind].append(float(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout))
        found["pgbench"].append(programs.pgbench(server, migrated(server), SECONDS, home))
        found["batch"].append(bulk.batches(on, max(2, round(SECONDS))))
    prepared, locked = "pgbench, one prepared INSERT of the same row, 16 clients", "a lock of the table for each append"
    for name, ours, theirs, against, goal in (
        ("log append, 64 writers, one process", "log", "pgbench", prepared, 1),
        ("log append, 64 writers, one process", "log", "table-lock", locked, 5),
        ("commands over POST /v1/commands:batch", "batch", "pgbench", prepared, 1),
    ):
        raw = f"{middle(ours, found[ours], '/s')}; {middle(theirs, found[theirs], '/s')}"
        yield Figure(figure=name, against=against, rounds=ratios(found[ours], found[theirs]), goal=goal, raw=raw)


def of_a_large_log(server: PostgresServer, home: Path) -> Iterator[Figure]:
    small, large = migrated(server), migrated(server)
    asyncio.run(filling.fill(small, SMALL))
    asyncio.run(filling.fill(large, EVENTS))
    streamed: list[float] = []
    copied: list[float] = []
    with service(large, home / "large") as on:
        for _ in rounds("feed", ROUNDS if EVENTS <= LONG else min(ROUNDS, 3)):
            streamed.append(reading.feed(on)[0])
            copied.append(programs.copied(server, large))
    raw = f"{middle('feed', streamed, 's')}; {middle('COPY', copied, 's')} for {EVENTS:,} events"
    yield Figure(
        figure="feed as NDJSON over HTTP, one client",
        against="psql COPY of the same texts",
        rounds=ratios(copied, streamed),
        goal=0.5,
        raw=raw,
    )
    asked = [reading.times(large, small) for _ in rounds("reading a large log and a small one")]
    for name in reading.QUESTIONS:
        much, little = ([told[name][side] for told in asked] for side in (0, 1))
        yield Figure(
            figure=f"{name}, {EVENTS:,} events",
            against=f"the same at {SMALL:,}",
            rounds=ratios(much, little),
            goal=1.2,
            at="most",
            raw=f"{middle('large', much, 'ms')}; {middle('small', little, 'ms')}",
        )
    kept = [reading.upkeep(large) for _ in rounds("upkeep", ROUNDS if EVENTS <= LONG else 1)]
    for name in kept[0]:
        rates = tuple(told[name] for told in kept)
        yield Figure(figure=name, against="–", rounds=rates, goal=50_000, unit="events/s")


def of_the_processes(server: PostgresServer, on: Serving, home: Path) -> Iterator[Figure]:
    first = 8_000_000_000
    heard = [
        running.milliseconds_to_hear(on, a_second=200, seconds=SECONDS, first_account=first + i * 100_000)
        for i in rounds("live")
    ]
    for which, goal in ((0, 5), (1, 25)):
        yield Figure(
            figure=f"answer of a command → live reader at 200/s, {('p50', 'p99')[which]}",
            against="–",
            rounds=tuple(one[which] for one in heard),
            goal=goal,
            at="most",
            unit="ms",
        )
    asked = deciding.pairs()
    faster = tuple(deciding.times_faster(asked) for _ in range(ROUNDS))
    yield Figure(figure="a decision, every guard named", against="a fresh machine a command", rounds=faster, goal=40)
    url = migrated(server)
    ready = tuple(running.seconds_to_ready(url, home / f"ready-{i}") for i in rounds("starting the workflow"))
    yield Figure(figure="workflow: start to ready", against="–", rounds=ready, goal=3, at="most", unit="s")
    with service(url, home / "idle") as idle:
        told = [running.notifier_seconds(idle, home / f"notifier-{i}") for i in rounds("starting the notifier")]
        rested = running.megabytes(idle)
    yield _memory("workflow: memory idle", (rested,), 120)
    yield _memory("workflow: memory after the load above", (running.megabytes(on),), 250)
    seconds = tuple(one for one, _ in told)
    yield Figure(figure="notifier: start to ready", against="–", rounds=seconds, goal=3, at="most", unit="s")
    yield _memory("notifier: memory idle", tuple(one for _, one in told), 120)


def _memory(name: str, rounds: tuple[float, ...], goal: float) -> Figure:
    return Figure(figure=name, against="–", rounds=rounds, goal=goal, at="most", unit="MB")


def main(wanted: list[str]) -> None:
    """Measure, show, and write it down if it was all of it."""
    found: list[Figure] = []
    with TemporaryDirectory(prefix="secor-bench-") as folder, PostgresServer(durable=True) as server:
        home = Path(folder)
        with serving(server, home) as servers:
            parts = {
                "commands": lambda: of_commands(servers),
                "log": lambda: of_the_log(server, servers["service"], home),
                "processes": lambda: of_the_processes(server, servers["service"], home),
                "large": lambda: of_a_large_log(server, home),
            }
            for name in wanted or list(parts):
                found += _told(parts[name]())
    report.show(found)
    if not wanted:
        report.write(found, ROOT, ROUNDS)


def _told(some: Iterator[Figure]) -> list[Figure]:
    """Each figure as soon as it is known: the whole takes a while."""
    known = []
    for one in some:
        console.print(f"{one.figure} against {one.against}: [bold]{one.value_said}[/] ({one.goal_said}) {one.raw}")
        known.append(one)
    return known


if __name__ == "__main__":
    main(sys.argv[1:])
