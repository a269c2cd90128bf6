"""The database room keeps its promises: real, empty, apart from one another, and gone afterwards."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from databases import PostgresServer, installations, migrated

A_RUN_OF_ITS_OWN = """
import sys, time
from databases import PostgresServer
server = PostgresServer()
server.start()
print(server.url("postgres"), server.home, flush=True)
time.sleep(60)
"""


def ask(url: str, *statements: str) -> object:
    """The last statement's one value."""

    async def answer() -> object:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(answer())


def tables(url: str) -> object:
    if path := url.removeprefix("sqlite:///") if url.startswith("sqlite") else None:
        connection = sqlite3.connect(path)
        (number,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.close()
        return number
    return ask(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


@pytest.fixture
def own(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A second server, to be ill-treated."""
    with PostgresServer(postgres.binaries) as server:
        yield server


def test_a_database_is_empty_and_of_the_kind_in_turn(database_url: str, engine_kind: str) -> None:
    assert database_url.startswith(f"{engine_kind}://")
    assert tables(database_url) == 0


@pytest.mark.parametrize("_again", [1, 2])
def test_what_one_test_writes_the_next_does_not_see(postgres_url: str, _again: int) -> None:
    assert tables(postgres_url) == 0
    assert ask(postgres_url, "CREATE TABLE note (body text)", "SELECT count(*) FROM note") == 0


async def test_an_async_test_may_ask_for_one_too(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SHOW server_encoding") == "UTF8"
    await connection.close()


def test_a_database_is_dropped_whoever_is_connected(postgres: PostgresServer) -> None:
    name = postgres.create_database()

    async def drop_under_our_feet() -> None:
        connection = await asyncpg.connect(postgres.url(name))
        await asyncio.to_thread(postgres.drop_database, name)
        connection.terminate()

    asyncio.run(drop_under_our_feet())
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        ask(postgres.url(name), "SELECT 1")


def test_a_template_is_migrated_once_and_copied_for_each(postgres: PostgresServer) -> None:
    migrations = []

    def migrate(url: str) -> None:
        migrations.append(url)
        ask(url, "CREATE TABLE log (position bigint)", "SELECT 1")

    copies = [postgres.create_database(migrated(postgres, "a test's own", migrate)) for _ in range(2)]
    assert len(migrations) == 1
    assert [tables(postgres.url(copy)) for copy in copies] == [1, 1]
    for copy in copies:
        postgres.drop_database(copy)


def test_a_commit_survives_a_crash_at_the_same_address(own: PostgresServer) -> None:
    url = own.url(own.create_database())
    ask(url, "CREATE TABLE log AS SELECT 42 AS fact", "SELECT 1")
    own.stop("immediate")
    with pytest.raises(ConnectionRefusedError):
        ask(url, "SELECT 1")
    own.start()
    assert "was not properly shut down" in (own.home / "log").read_text()
    assert ask(url, "SELECT fact FROM log") == 42


def test_two_servers_live_side_by_side(postgres: PostgresServer, own: PostgresServer) -> None:
    assert own.port != postgres.port
    assert own.home != postgres.home
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(own.url("postgres").replace(str(own.port), str(postgres.port)), "SELECT 1")


def test_it_speaks_to_this_machine_only_and_saves_no_fsync_when_durable(postgres: PostgresServer) -> None:
    assert ask(postgres.url("postgres"), "SHOW listen_addresses") == "127.0.0.1"
    assert ask(postgres.url("postgres"), "SHOW fsync") == "off"
    with PostgresServer(postgres.binaries, durable=True) as durable:
        assert ask(durable.url("postgres"), "SHOW fsync") == "on"


@pytest.mark.parametrize("binaries", installations(), ids=str)
def test_every_installation_serves_and_leaves_nothing_behind(binaries: Path) -> None:
    with PostgresServer(binaries) as server:
        home = server.home
        assert str(ask(server.url(server.create_database()), "SELECT version()")).startswith("PostgreSQL")
    assert not home.exists()


def test_a_server_that_cannot_start_says_why(postgres: PostgresServer) -> None:
    server = PostgresServer(postgres.binaries)
    with (server.home / "data" / "postgresql.conf").open("a") as settings:
        settings.write("nonsense = 1")
    with pytest.raises(RuntimeError, match='unrecognized configuration parameter "nonsense"'), server:
        pass


def test_a_killed_run_takes_its_server_along(postgres: PostgresServer) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", A_RUN_OF_ITS_OWN], cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        url, home = run.stdout.readline().split()
        assert ask(url, "SELECT 1") == 1
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(home).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(home).exists()
    with pytest.raises(ConnectionRefusedError):
        ask(url, "SELECT 1")
