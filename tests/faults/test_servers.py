"""Of several servers both services find the one that they want: past one that is silent, and past standbys."""

import socket
import time
from collections.abc import Iterator

import pytest

from databases import OWNER, PostgresServer
from secor_notifier.ledger.servers import Servers as NotifiersServers
from secor_workflow.database.servers import Servers as WorkflowsServers

HERE = "127.0.0.1"
SECONDS = 2.0
SHARE = SECONDS / 2
both = pytest.mark.parametrize("servers", [WorkflowsServers(), NotifiersServers()], ids=["workflow", "notifier"])


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a machine that takes connections and never says a word."""
    with socket.create_server((HERE, 0)) as server:
        yield server.getsockname()[1]


@both
async def test_a_silent_server_is_waited_for_once(
    servers: WorkflowsServers | NotifiersServers, silent: int, postgres: PostgresServer
) -> None:
    took = []
    for _ in range(2):
        began = time.monotonic()
        connection = await servers.connect(
            host=[HERE, HERE],
            port=[silent, postgres.port],
            timeout=SECONDS,
            user=OWNER,
            password=postgres.password,
            database="postgres",
            target_session_attrs="primary",
        )
        took.append(time.monotonic() - began)
        assert await connection.fetchval("SELECT NOT pg_is_in_recovery()")
        await connection.close()

    assert took[0] > SHARE > took[1], took


@both
async def test_if_none_is_as_wanted_the_database_is_away(
    servers: WorkflowsServers | NotifiersServers, postgres: PostgresServer
) -> None:
    with pytest.raises(ConnectionError):
        await servers.connect(
            host=[HERE, HERE],
            port=[postgres.port, postgres.port],
            timeout=10,
            user=OWNER,
            password=postgres.password,
            database="postgres",
            target_session_attrs="standby",
        )
