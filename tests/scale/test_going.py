"""Asked to stop, a process of either service first says so, and goes on serving until others had time to hear of it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from feed.processes import eventually
from loopback import NO_TLS
from notifier.template import NOTIFIER
from scale.members import Member, a_notifier, a_workflow, new_keys
from secor_workflow.domain.context import Role
from workflow.template import WORKFLOW

LONG = 60.0
WORKFLOW_IS = 1


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Member]]:
    home = tmp_path_factory.mktemp("both")
    urls = [f"sqlite:///{home / name}" for name in ("workflow.db", "notifier.db")]
    WORKFLOW.begin(urls[0])
    NOTIFIER.begin(urls[1])
    key = new_keys(urls[0], ("postman", Role.NOTIFIER))["postman"]
    with ExitStack() as stack:
        documents = Path(home / "documents").as_uri()
        workflow = stack.enter_context(a_workflow(urls[0], documents_url=documents, drain_seconds=LONG))
        notifier = stack.enter_context(a_notifier(urls[1], home, workflow.url, key, drain_seconds=LONG))
        yield [notifier, workflow]


@pytest.mark.parametrize("which", [0, 1], ids=["notifier", "workflow"])
def test_it_says_so_and_serves_on_and_goes_when_asked_again(both: list[Member], which: int) -> None:
    member = both[which]
    with httpx.Client(base_url=member.url, verify=NO_TLS) as kept:
        assert "connection" not in kept.get("/livez").headers

        member.ask_to_stop()

        eventually(lambda: not member.is_ready())
        assert kept.get("/readyz").json()["checks"] == {"process": "stopping"}
        for _ in range(2):  # the second on a new connection: it is still taken
            answer = kept.get("/livez")
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        if which == WORKFLOW_IS:
            assert answered_when_it_closes(member).startswith(b"HTTP/1.1 200")
        else:
            member.ask_to_stop()
        member.wait_stopped()


def answered_when_it_closes(member: Member) -> bytes:
    """The answer on a connection that stood before, and asked only afterwards."""
    with socket.create_connection(("127.0.0.1", member.port), timeout=10) as newcomer:
        member.ask_to_stop()
        eventually(lambda: _refuses(member.port))
        newcomer.sendall(b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n")
        return newcomer.recv(1000)


def _refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
