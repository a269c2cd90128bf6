"""The three years of `make demo`, as its user runs it; and again with the services killed all the way through."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

import pytest
from rich.console import Console

from demo import play
from local import Place, keys_of, place, start, stop, wait_ready
from post_office import Inbox
from teller import Json, Teller

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_the_demo_tells_three_years_and_ends_well(tmp_path: Path) -> None:
    environment = {**os.environ, "SECOR_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "deploy/demo.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "everything as expected" in done.stdout
    assert list((tmp_path / "demo" / "mailbox").glob("*.eml"))


class Supervisor:
    """Keeps both services running, and kills one or the other without warning as long as it is asked to."""

    def __init__(self, at: Place) -> None:
        self.at, self.kills = at, 0
        self.keys = keys_of(at)
        self.services = {"workflow": start(at, "workflow")}
        wait_ready(at, "workflow", self.services["workflow"])
        self.services["notifier"] = self._start("notifier")
        wait_ready(at, "notifier", self.services["notifier"])
        self._enough = threading.Event()
        self._killer = threading.Thread(target=self._kill_at_random)

    def __enter__(self) -> Self:
        self._killer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._killer.join()
        for service in ("notifier", "workflow"):
            stop(self.services[service])

    def _start(self, service: str) -> "subprocess.Popen[bytes]":
        return start(self.at, service, NOTIFIER_WORKFLOW_KEY=self.keys["NOTIFIER_KEY"])

    def _kill_at_random(self) -> None:
        dice = random.Random(7)
        while not self._enough.wait(dice.uniform(1.5, 4.0)):
            service = dice.choice(["workflow", "notifier"])
            self.services[service].kill()
            self.services[service].wait()
            self.services[service] = self._start(service)
            wait_ready(self.at, service, self.services[service])
            self.kills += 1


@pytest.mark.timeout(600)
def test_killing_the_services_at_any_moment_loses_nothing_and_repeats_no_letter_under_another_id(
    tmp_path: Path, free_ports: tuple[int, int], inbox: Inbox
) -> None:
    at = place(tmp_path / "home", *free_ports, NOTIFIER_MAIL_URL=inbox.url)
    with Supervisor(at) as supervisor:
        teller = Teller(at, supervisor.keys, Console(quiet=True))
        try:
            play(teller)  # checks every state, deadline and count of letters on its way
            decided = _decided(teller)
        finally:
            teller.close()
    assert supervisor.kills >= 3
    received = {message_id for _, message_id in inbox.received}
    assert {one["message_id"] for one in decided if one["status"] == "sent"} <= received
    assert received <= {one["message_id"] for one in decided}
    # A nudge is not repeated when nobody knows whether it arrived; everything else came to a known end.
    assert {one["category"] for one in decided if one["status"] == "unknown"} <= {"nudge"}
    assert {one["status"] for one in decided} <= {"sent", "skipped", "unknown", "planned"}
    _the_log_is_whole(at)


def _decided(teller: Teller) -> list[Json]:
    """Every reminder there is, the staff's digests too; each was decided once."""
    found: list[Json] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        page = teller.notifier.get("/v1/reminders", params=query).json()
        found += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    about = ("case_id", "letter", "deadline", "due_on", "rung", "event_id", "recipient", "owed_on", "message_id")
    decided = [tuple(one[name] for name in about) for one in found if one["status"] == "sent"]
    assert len(decided) == len(set(decided))
    return found


def _the_log_is_whole(at: Place) -> None:
    verify = [sys.executable, "-m", "secor_workflow", "verify"]
    done = subprocess.run(verify, env=dict(at.environment), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    with sqlite3.connect(at.home / "workflow.db") as database:
        bodies = [json.loads(body) for (body,) in database.execute("SELECT body FROM events ORDER BY position")]
    database.close()
    assert [body["position"] for body in bodies] == list(range(1, len(bodies) + 1))
