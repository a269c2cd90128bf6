"""The three years of `make demo`, as its user runs it; and again with the services killed all the way through."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from rich.console import Console

from demo import play
from local import Place, keys_of, place, running, start, stop, wait_ready
from post_office import Inbox
from teller import Json, Teller

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> "Told":
    """The demo, as its user runs it, and what it left behind."""
    home = tmp_path_factory.mktemp("told")
    environment = {**os.environ, "SECOR_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "deploy/demo.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return Told(done, home / "demo")


@dataclass(frozen=True)
class Told:
    done: "subprocess.CompletedProcess[str]"
    home: Path

    def people(self) -> set[str]:
        """Every name, address and number that was ever said."""
        with sqlite3.connect(self.home / "workflow.db") as database:
            rows = database.execute("SELECT name, email, phone FROM people").fetchall()
        database.close()
        return {value.casefold() for row in rows for value in row if value}

    def kept(self) -> dict[str, str]:
        """What both databases and both logs hold, but for the two tables of people and their words."""
        found = {name: (self.home / f"{name}.log").read_text("utf-8") for name in ("workflow", "notifier")}
        for name in ("workflow", "notifier"):
            with sqlite3.connect(self.home / f"{name}.db") as database:
                tables = [table for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in sorted(set(tables) - {"people", "texts"}):
                    found[f"{name}: {table}"] = "\n".join(map(str, database.execute(f"SELECT * FROM {table}")))  # noqa: S608 (the database's own names)
            database.close()
        return found


@pytest.mark.timeout(300)
def test_the_demo_tells_three_years_and_ends_well(told: Told) -> None:
    assert told.done.returncode == 0, told.done.stdout[-3000:] + told.done.stderr[-3000:]
    assert "everything as expected" in told.done.stdout
    assert list((told.home / "mailbox").glob("*.eml"))


@pytest.mark.timeout(120)
def test_nobody_is_named_but_in_letters_and_in_the_tables_of_people_and_texts(
    told: Told, free_ports: tuple[int, int]
) -> None:
    at, everybody = place(told.home, *free_ports), told.people()
    assert len(everybody) > 8
    with running(at) as instance, Asking(at, instance.keys) as asking:
        asking.webhook()
        asking.in_vain(sorted(everybody))
        erased = asking.erase(next(value for value in sorted(everybody) if "@" in value))
        answers = asking.everything(erased)

    for place_of, text in {**answers, **told.kept()}.items():
        assert [value for value in everybody if value in text.casefold()] == [], place_of
    assert not [file for file in told.home.glob("**/*.eml") if erased["email"] in file.read_text("utf-8").casefold()]


class Asking:
    """Asks both services for all that they tell, and says names wherever they do not belong."""

    def __init__(self, at: Place, keys: dict[str, str]) -> None:
        self.workflow = self._as(at.workflow_url, keys["ADMIN_KEY"])
        self.staff = self._as(at.workflow_url, keys["STAFF_KEY"])
        self.notifier = self._as(at.notifier_url, keys["ADMIN_KEY"])
        self.answers: dict[str, str] = {}

    @staticmethod
    def _as(url: str, key: str) -> httpx.Client:
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self.workflow, self.staff, self.notifier):
            client.close()

    def webhook(self) -> None:
        """Somebody to whom all events are told, and who is not there."""
        made = self.notifier.post("/v1/webhooks", json={"url": "http://127.0.0.1:1/", "events": ["*"]})
        assert made.is_success, made.text
        self.hook: str = made.json()["endpoint_id"]

    def in_vain(self, everybody: list[str]) -> None:
        """Names in paths, queries and bodies, where they are refused."""
        cases = self.staff.get("/v1/cases").json()["items"]
        for value in everybody:
            person = {"name": value, "email": value, "phone": value}
            champion = {"person": person, "employment": "owner"}
            asked = [
                self.staff.post(f"/v1/cases/{cases[0]['case_id']}/commands/name-champion", json=champion),
                self.staff.post(f"/v1/cases/{cases[0]['case_id']}/commands/close", json={"reason": value}),
                self.staff.post("/v1/cases", content=f'{{"contact": "{value}"'),
                self.workflow.post("/v1/people:find", json={"email": [value]}),
            ]
            for answer in asked:
                assert answer.is_client_error
                self.answers[f"{answer.request.url.path} refused"] = answer.text

    def erase(self, email: str) -> dict[str, str]:
        """Somebody is erased everywhere, and it is waited for until everybody has confirmed."""
        found = self.workflow.post("/v1/people:find", json={"email": email}).json()["items"]
        for one in found:
            asked = {"reason": "They asked for it.", "requested_by": "person"}
            assert self.workflow.post(f"/v1/people/{one['person_id']}:erase", json=asked).is_success
            until = time.monotonic() + 30
            while self.workflow.get(f"/v1/people/{one['person_id']}/erasure").json()["expected"]:
                assert time.monotonic() < until, "the notifier did not confirm"
                time.sleep(0.1)
        return {"email": email, **found[0]}

    def everything(self, erased: dict[str, str]) -> dict[str, str]:
        """Answers of all kinds, by where they come from."""
        person = f"/v1/people/{erased['person_id']}"
        workflow = (
            f"{person}/erasure",
            f"{person}/reads",
            "/v1/people/retention",
            "/v1/events/head",
            "/v1/cases?limit=200",
            "/v1/refusals?limit=200",
            "/v1/keys",
            "/metrics",
        )
        notifier = ("/v1/reminders?limit=500", "/v1/opt-outs", "/metrics", f"/v1/webhooks/{self.hook}/deliveries")
        for client, paths in ((self.workflow, workflow), (self.notifier, notifier)):
            for path in paths:
                answer = client.get(path)
                assert answer.is_success, path
                self.answers[path] = answer.text
        log = self.workflow.get("/v1/events", headers={"Accept": "application/x-ndjson"})
        assert log.text.count("\n") > 50
        return {**self.answers, "/v1/events": log.text}


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
