"""Every process is restarted in turn while clients work: no request fails, no event is missed, no letter is doubled."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from databases import PostgresServer
from feed.processes import eventually
from notifier.template import NOTIFIER
from scale.balancer import balancer
from scale.load import Load, whole_log
from scale.members import Member, a_notifier, a_workflow, client, new_keys
from secor_workflow.domain.context import Role
from workflow.template import WORKFLOW

ROUNDS = 8 if os.environ.get("SECOR_FAULTS") else 1
pytestmark = pytest.mark.timeout(180 * ROUNDS)
DRAIN_SECONDS = 2.0
"""Twenty looks of the balancer: the machine may be busy."""
ACTORS = (("clerk", Role.STAFF), ("dashboard", Role.READER), ("postman", Role.NOTIFIER))


@dataclass
class House:
    """Three workflows behind one port, and two notifiers that know that port alone."""

    workflows: list[Member]
    notifiers: list[Member]
    url: str
    keys: dict[str, str]
    mailbox: Path

    def letters(self) -> Counter[str]:
        """How many each person got."""
        return Counter(
            str(message_from_bytes(file.read_bytes())["To"])
            for file in self.mailbox.glob("*.eml")
            if "staff_digest" not in file.name
        )


@pytest.fixture
def house(postgres: PostgresServer, tmp_path: Path) -> Iterator[House]:
    workflow = postgres.url(WORKFLOW.create_database(postgres))
    notifier = postgres.url(NOTIFIER.create_database(postgres))
    keys = new_keys(workflow, *ACTORS)
    documents = (tmp_path / "documents").as_uri()
    shared = {"documents_url": documents, "drain_seconds": DRAIN_SECONDS, "heartbeat_seconds": 0.5}
    workflows = [a_workflow(workflow, **shared) for _ in range(3)]
    with ExitStack() as stack:
        for member in workflows:
            stack.enter_context(member)
        url = stack.enter_context(balancer([member.port for member in workflows]))
        notifiers = [a_notifier(notifier, tmp_path, url, keys["postman"]) for _ in range(2)]
        for member in notifiers:
            stack.enter_context(member)
        yield House(workflows, notifiers, url, keys, tmp_path / "mailbox")


def test_each_process_is_restarted_in_turn_and_nobody_notices(house: House) -> None:
    load = Load(house.url, house.keys["clerk"], house.keys["dashboard"])
    with load.going_on(writers=4, listeners=3, pollers=2) as readers:
        for _ in range(ROUNDS):
            for member in (*house.workflows, *house.notifiers):
                before = load.answers
                member.restart()
                eventually(lambda before=before: load.answers > before + 20 or bool(load.failures))  # type: ignore[misc]  # mypy knows no defaults of lambdas

    assert load.failures == []
    with client(house.url, house.keys["dashboard"]) as web:
        log = whole_log(web)
    assert [event["position"] for event in log] == list(range(1, len(log) + 1))
    assert sorted(load.written) == list(range(1, len(log) + 1))  # each acknowledged event once, and no other
    for reader in readers:
        assert reader.result() == list(range(1, len(log) + 1))
    registered = sum(str(event["type"]).endswith("EmployerRegistered.v1") for event in log)
    while (sent := house.letters().total()) < registered:
        eventually(lambda sent=sent: house.letters().total() > sent)  # type: ignore[misc]  # as above
    assert {*house.letters().values()} == {1}
    assert house.letters().total() == registered
