"""After a restore a new epoch begins: whoever read what was lost is told so, reads on, and sends nothing twice."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from feed.commands import Employer
from feed.processes import Process, a_place, eventually
from local import Place, start, stop, wait_ready


def new_epoch(at: Place) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "secor_workflow", "new-epoch"]
    return subprocess.run(command, env=dict(at.environment), capture_output=True, text=True, check=False)


def back_up(database: Path, to: Path) -> None:
    """As an operator does it, beside the running service."""
    with sqlite3.connect(database) as source, sqlite3.connect(to) as copy:
        source.backup(copy)
    source.close()
    copy.close()


def restore(database: Path, backup: Path) -> None:
    for file in database.parent.glob(f"{database.name}-*"):
        file.unlink()
    shutil.copy(backup, database)


def cursor(client: httpx.Client) -> str:
    return str(client.get("/v1/events/head").json()["cursor"])


def gone(client: httpx.Client, after: str, **headers: str) -> dict[str, object]:
    answer = client.get("/v1/events", params={"after": after}, headers=headers)
    assert answer.status_code == 410, answer.text
    problem: dict[str, object] = answer.json()
    return problem


def test_old_cursors_are_told_what_is_still_common(tmp_path: Path) -> None:
    database = tmp_path / "workflow.db"
    process = Process(a_place(tmp_path / "run", f"sqlite:///{database}"))
    with process, process.client("STAFF") as staff:
        employer = Employer(staff)
        assert [employer.do_next() for _ in range(3)] == [1, 2, 3]
        before = cursor(staff)
        back_up(database, tmp_path / "backup.db")
        kept = staff.get("/v1/events").content
        assert [employer.do_next() for _ in range(2)] == [4, 5]
        lost = cursor(staff)
    restore(database, tmp_path / "backup.db")

    told = new_epoch(process.at)

    assert (told.returncode, "after position 3" in told.stdout) == (0, True), told.stderr
    with process, process.client("STAFF") as staff:
        employer = Employer(staff)
        assert [employer.do_next() for _ in range(4)] == [4, 5, 6, 7]  # other events at the places of what was lost
        now = cursor(staff)
        epoch = now.partition(".")[0]
        assert epoch != lost.partition(".")[0]
        for old in (lost, before):
            problem = gone(staff, old)
            assert (problem["last_common"], problem["last_common_position"]) == (f"{epoch}.3", 3)
            live = gone(staff, "", **{"Last-Event-ID": old, "Accept": "text/event-stream"})
            assert live["last_common"] == problem["last_common"]
        resumed = staff.get("/v1/events", params={"after": f"{epoch}.3"})
        assert [event["position"] for event in resumed.json()] == [4, 5, 6, 7]
        assert staff.get("/v1/events", params={"limit": 3}).content == kept


@pytest.mark.parametrize("engine_kind", ["sqlite", "postgresql"], indirect=True)
def test_while_the_service_runs_no_epoch_is_begun(serve: Callable[..., Process], database_url: str) -> None:
    with serve(database_url) as process, process.client() as client:
        before = cursor(client)

        refused = new_epoch(process.at)

        assert refused.returncode == 1
        assert "stop every process" in " ".join(refused.stdout.split())
        assert "Traceback" not in refused.stderr
        assert cursor(client) == before
    assert new_epoch(process.at).returncode == 0
    with process, process.client() as client:
        assert cursor(client) != before
        assert gone(client, before)["last_common"] == cursor(client)


@dataclass
class Letters:
    """What the notifier of a place has sent, and how far it has read."""

    at: Place
    key: str

    def sent(self) -> set[str]:
        return {path.name for path in self.at.mailbox.glob("*.eml")}

    def cursor(self) -> str:
        headers = {"Authorization": f"Bearer {self.key}"}
        return str(httpx.get(f"{self.at.notifier_url}/v1/cursor", headers=headers).json()["cursor"])

    def of_all_up_to(self, cursor: str, cases: int) -> set[str]:
        """Once it has read so far, and written to the contact of each case."""
        eventually(lambda: self.cursor() == cursor and len(self.sent()) == cases)
        return self.sent()


def test_the_notifier_reads_on_and_sends_nothing_twice(tmp_path: Path) -> None:
    database = tmp_path / "workflow.db"
    process = Process(a_place(tmp_path / "run", f"sqlite:///{database}"))
    letters = Letters(process.at, process.keys["STAFF_KEY"])
    with ExitStack() as stack:
        stack.enter_context(process)
        notifier = start(process.at, "notifier", NOTIFIER_WORKFLOW_KEY=process.keys["NOTIFIER_KEY"])
        stack.callback(stop, notifier)
        wait_ready(process.at, "notifier", notifier)
        staff = stack.enter_context(process.client("STAFF"))
        kept, lost = Employer(staff), Employer(staff)
        kept.do_next()
        letters.of_all_up_to(cursor(staff), cases=1)
        back_up(database, tmp_path / "backup.db")
        lost.do_next()
        before = letters.of_all_up_to(cursor(staff), cases=2)

        process.terminate()
        restore(database, tmp_path / "backup.db")
        assert new_epoch(process.at).returncode == 0
        process.start()

        assert letters.of_all_up_to(cursor(staff), cases=2) == before
        kept.do_next()
        assert letters.of_all_up_to(cursor(staff), cases=2) == before
        Employer(staff).do_next()
        assert letters.of_all_up_to(cursor(staff), cases=3) > before
