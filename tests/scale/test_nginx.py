"""Behind the nginx of our example processes are restarted and nobody notices, and no command is sent to two of them."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from databases import PostgresServer
from feed.processes import eventually
from loopback import NO_TLS
from scale.load import Load, whole_log
from scale.members import Member, a_workflow, client, new_keys
from scale.nginx import FOUND, nginx
from secor_workflow.domain.context import Role
from workflow.template import WORKFLOW

pytestmark = pytest.mark.skipif(FOUND is None, reason="no nginx here (Debian: apt-get install nginx-light)")
ACTORS = (("clerk", Role.STAFF), ("dashboard", Role.READER))
DRAIN_SECONDS = 0.2
"""nginx asks nobody whether they are ready, so there is nothing to wait for."""


@pytest.fixture
def workflows(postgres: PostgresServer, tmp_path: Path) -> Iterator[tuple[list[Member], dict[str, str]]]:
    """Two of them, and keys that open both."""
    database = WORKFLOW.create_database(postgres)
    url = postgres.url(database)
    shared = {
        "documents_url": (tmp_path / "documents").as_uri(),
        "drain_seconds": DRAIN_SECONDS,
        "heartbeat_seconds": 0.5,
    }
    with ExitStack() as stack:
        members = [stack.enter_context(a_workflow(url, **shared)) for _ in range(2)]
        yield members, new_keys(url, *ACTORS)
    postgres.drop_database(database)


def test_each_process_is_restarted_in_turn_and_nobody_notices(
    workflows: tuple[list[Member], dict[str, str]], tmp_path: Path
) -> None:
    members, keys = workflows
    with nginx(tmp_path, [member.port for member in members]) as url:
        load = Load(url, keys["clerk"], keys["dashboard"])
        with load.going_on(writers=3, listeners=2, pollers=1) as readers:
            for member in members:
                before = load.answers
                member.restart()
                eventually(lambda before=before: load.answers > before + 20 or bool(load.failures))  # type: ignore[misc]  # mypy knows no defaults of lambdas

        assert load.failures == []
        with client(url, keys["dashboard"]) as web:
            log = whole_log(web)
        positions = list(range(1, len(log) + 1))
        assert [event["position"] for event in log] == sorted(load.written) == positions
        assert all(reader.result() == positions for reader in readers)


class Asked(ThreadingHTTPServer):
    """Takes a request whole, remembers its method, and hangs up without a word."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HangsUp)
        self.methods: list[str] = []


class _HangsUp(BaseHTTPRequestHandler):
    def _remember(self) -> None:
        assert isinstance(self.server, Asked)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.methods.append(self.command)
        self.close_connection = True

    do_GET = do_POST = _remember  # noqa: N815 (the library's names)


@contextmanager
def hanging_up() -> Iterator[Asked]:
    with Asked() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_command_that_somebody_was_sent_is_sent_to_nobody_else_and_its_sender_is_told_to_repeat_it(
    tmp_path: Path,
) -> None:
    with (
        hanging_up() as one,
        hanging_up() as other,
        nginx(tmp_path, [one.server_port, other.server_port]) as url,
        httpx.Client(base_url=url, verify=NO_TLS) as web,
    ):
        sent = web.post("/v1/cases", json={}, headers={"Idempotency-Key": "once"})
        read = web.get("/v1/cases")

    assert sorted(one.methods + other.methods) == ["GET", "GET", "POST"]
    for answer in (sent, read):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "2"
    assert "the same Idempotency-Key" in sent.json()["detail"]


def test_what_could_not_be_delivered_to_one_is_done_by_the_other(tmp_path: Path) -> None:
    """Who is gone refuses the connection, each time anew: nobody is left out for that, and nothing fails."""
    with hanging_up() as gone:
        pass
    with (
        hanging_up() as there,
        nginx(tmp_path, [gone.server_port, there.server_port]) as url,
        httpx.Client(base_url=url, verify=NO_TLS) as web,
    ):
        for _ in range(4):
            web.post("/v1/cases", json={})

    assert there.methods == ["POST"] * 4
