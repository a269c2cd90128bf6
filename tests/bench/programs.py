"""PostgreSQL's own programs as floors: pgbench with one prepared INSERT of an event, psql with a COPY of the log."""

import re
import subprocess
import time
from pathlib import Path

from bench import appending
from databases import PostgresServer

CLIENTS = 16
WHOLE_LOG = "COPY (SELECT body FROM events ORDER BY position) TO STDOUT"


def pgbench(server: PostgresServer, url: str, seconds: float, folder: Path) -> float:
    """Inserts a second by 16 clients, each its own transaction."""
    file = folder / "insert.sql"
    file.write_text(appending.script() + ";\n", "utf-8")
    psql(server, url, "CREATE SEQUENCE IF NOT EXISTS bench_position START 1000000000")
    told = subprocess.run(
        [
            *(server.binaries / "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1"),
            *("-T", str(max(1, round(seconds))), "-f", str(file), url),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"tps = ([0-9.]+)", told)
    assert found, told
    return float(found[1])


def psql(server: PostgresServer, url: str, statement: str) -> str:
    return subprocess.run(
        [server.binaries / "psql", "-X", "-q", "-c", statement, url], check=True, capture_output=True, text=True
    ).stdout


def copied(server: PostgresServer, url: str) -> float:
    """How many seconds `psql` takes to write the texts of the whole log, in order, to nowhere."""
    began = time.perf_counter()
    with Path("/dev/null").open("wb") as nowhere:
        subprocess.run(
            [server.binaries / "psql", "-X", "-q", "-c", WHOLE_LOG, url],
            check=True,
            stdout=nowhere,
        )
    return time.perf_counter() - began
