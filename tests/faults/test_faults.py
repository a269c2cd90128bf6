"""Whatever fails under load, nothing acknowledged is lost, nothing is done twice, and no reader misses anything.

`make faults` lets each fault happen as often as its entry says and writes docs/faults.md; `make test` a few times.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from databases import PostgresServer
from faults.clock import clock_set, with_a_clock_of_its_own
from faults.disk import disk_full, log_full, small_disk
from faults.mishaps import (
    clients_leave,
    crash_postgres,
    database_away,
    kill_a_worker,
    kill_postgres,
    lose_answers,
    lose_commits,
)
from faults.refusals import connections_used_up, deadlock, one_poisoned, pool_exhausted, some_errors
from faults.scene import Scene, a_scene
from faults.table import show, write
from faults.trial import Fault, Row, trial
from workflow.template import WORKFLOW

LONG = os.environ.get("SECOR_FAULTS") == "1"
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(3600 if LONG else 180)]

AWAY_SECONDS = 60 if LONG else 3
LOCKED_SECONDS = 12 if LONG else 0.5  # a connection is waited for for 10
FAULTS = [
    Fault(name="kill -9 of one of two workers", happens=kill_a_worker, rounds=100),
    Fault(name="kill -9 of one of four workers", happens=kill_a_worker, rounds=30, workers=4),
    Fault(name="kill -9 of PostgreSQL, all its processes", happens=kill_postgres, rounds=100, few=2),
    Fault(name="pg_ctl stop -m immediate", happens=crash_postgres, rounds=30),
    Fault(name="line cut before the answer arrives", happens=lose_answers, rounds=50),
    Fault(name="line to the database cut at a commit", happens=lose_commits, rounds=50),
    Fault(name=f"database away for {AWAY_SECONDS} s", happens=database_away(AWAY_SECONDS), rounds=2),
    Fault(name="pool exhausted", happens=pool_exhausted(LOCKED_SECONDS), rounds=3),
    Fault(name="all connections of the server taken", happens=connections_used_up, rounds=10),
    Fault(name="250 clients leave in mid-command", happens=clients_leave, rounds=20),
    Fault(name="one poisoned of 64", happens=one_poisoned, rounds=20),
    Fault(name="deadlock with another program", happens=deadlock, rounds=20),
    Fault(name="serialization failures (40001)", happens=some_errors("40001"), rounds=20),
    Fault(name="deadlocks detected (40P01)", happens=some_errors("40P01"), rounds=20),
]


ROWS: list[Row] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """What came of all of them, once they have all happened as often as they should."""
    yield
    if LONG:
        show(ROWS)
        write(ROWS)


async def holds(scene: Scene, fault: Fault) -> None:
    """Try it, put it into the table, and say what is wrong."""
    row = await trial(scene, fault, fault.rounds if LONG else fault.few)
    ROWS.append(row)
    assert row.verdict.holds, row.verdict
    assert row.verdict.acknowledged > 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Workers on a PostgreSQL server that is there for them alone."""
    with PostgresServer(postgres.binaries, durable=LONG) as server:
        name = WORKFLOW.create_database(server)
        async with a_scene(tmp_path_factory.mktemp("faults"), server.url(name), server) as scene:
            async with scene.rival() as rival:
                await rival.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '200ms'")
            yield scene


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_on_postgresql(scene: Scene, fault: Fault) -> None:
    await holds(scene, fault)


async def test_a_clock_set_back_and_forth(scene: Scene, tmp_path: Path) -> None:
    await scene.has(2)
    await with_a_clock_of_its_own(scene, tmp_path / "ahead")
    clock = clock_set(tmp_path / "ahead")
    await holds(scene, Fault(name="a worker's clock set back and forth by days", happens=clock, rounds=50, few=3))


async def test_a_full_disk_under_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    with small_disk(256) as disk, PostgresServer(postgres.binaries, disk=disk) as server:
        database = server.url(WORKFLOW.create_database(server))
        async with a_scene(tmp_path, database, server) as scene:
            full = Fault(name="disk full", happens=disk_full(disk), rounds=10, workers=1)
            await holds(scene, full)
            full = Fault(name="disk full, write-ahead log too", happens=log_full(disk), rounds=10, workers=1)
            await holds(scene, full)


async def test_on_sqlite(tmp_path: Path) -> None:
    with small_disk(128) as disk:
        database = f"sqlite:///{disk / 'workflow.db'}"
        WORKFLOW.begin(database)
        async with a_scene(tmp_path, database) as scene:
            await holds(scene, Fault(name="kill -9 of the worker", happens=kill_a_worker, rounds=100, workers=1))
            await holds(scene, Fault(name="disk full", happens=disk_full(disk), rounds=20, workers=1))
