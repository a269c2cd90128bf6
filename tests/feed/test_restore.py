"""After a restore a new epoch begins: whoever read what was lost is told so, reads on, and sends nothing twice."""

import shutil
import sqlite3
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from feed.commands import Employer, cursor
from feed.letters import Letters
from feed.processes import Process, a_place
from local import start, stop, wait_ready
from secor_workflow.cli.program import main
from workflow.api.caller import refused
from workflow.api.service import Service


def new_epoch(database_url: str) -> Result:
    return CliRunner().invoke(main, ["new-epoch"], env={"WORKFLOW_DATABASE_URL": database_url})


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


def gone(client: httpx.Client, after: str, **headers: str) -> dict[str, object]:
    answer = client.get("/v1/events", params={"after": after}, headers=headers)
    assert answer.status_code == 410, answer.text
    problem: dict[str, object] = answer.json()
    return problem


def test_old_cursors_are_told_what_is_still_common(tmp_path: Path) -> None:
    database, backup = tmp_path / "workflow.db", tmp_path / "backup.db"
    with Service(f"sqlite:///{database}") as service:
        employer = Employer(service.staff)
        assert [employer.do_next() for _ in range(3)] == [1, 2, 3]
        before = cursor(service.reader)
        back_up(database, backup)
        kept = service.reader.get("/v1/events").content
        assert [employer.do_next() for _ in range(2)] == [4, 5]
        lost = cursor(service.reader)
    restore(database, backup)

    told = new_epoch(f"sqlite:///{database}")

    assert (told.exit_code, "after position 3" in told.output) == (0, True), told.output
    with Service(f"sqlite:///{database}") as service:
        employer = Employer(service.staff)
        assert [employer.do_next() for _ in range(4)] == [4, 5, 6, 7]  # other events at the places of what was lost
        epoch = cursor(service.reader).partition(".")[0]
        for old in (lost, before):
            for form in ("application/cloudevents-batch+json", "application/x-ndjson", "text/event-stream"):
                headers = {"Last-Event-ID": old, "Accept": form}
                problem = refused(service.reader.get("/v1/events", headers=headers), 410, "stale_cursor")
                assert (problem["last_common"], problem["last_common_position"]) == (f"{epoch}.3", 3)
        resumed = service.reader.read("/v1/events", after=f"{epoch}.3")
        assert [event["position"] for event in resumed] == [4, 5, 6, 7]
        assert service.reader.get("/v1/events", params={"limit": 3}).content == kept


@pytest.mark.parametrize("engine_kind", ["sqlite", "postgresql"], indirect=True)
def test_while_the_service_runs_no_epoch_is_begun(database_url: str) -> None:
    with Service(database_url) as service:
        before = cursor(service.reader)

        said = new_epoch(database_url)

        assert said.exit_code == 1
        assert "stop every process" in " ".join(said.output.split())
        assert cursor(service.reader) == before
    assert new_epoch(database_url).exit_code == 0
    with Service(database_url) as service:
        problem = refused(service.reader.get("/v1/events", params={"after": before}), 410, "stale_cursor")
        assert problem["last_common"] == cursor(service.reader) != before


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
        assert new_epoch(f"sqlite:///{database}").exit_code == 0
        process.start()

        assert letters.of_all_up_to(cursor(staff), cases=2) == before
        kept.do_next()
        assert letters.of_all_up_to(cursor(staff), cases=2) == before
        Employer(staff).do_next()
        assert letters.of_all_up_to(cursor(staff), cases=3) > before
