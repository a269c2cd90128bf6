"""The notifier as a process of its own: stops quickly, survives being killed, and keeps quiet about people."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from notifier.house import CLIENT, eventually
from notifier.serving import Serving
from notifier.stand_in import NOTIFIER_KEY, StandIn, due
from notifier.test_smtp import free_port

COMMAND = [sys.executable, "-m", "secor_notifier"]


def environment(home: Path, workflow_url: str, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SECOR_HOME": str(home),
        "SECOR_SANDBOX": "1",
        "NOTIFIER_WORKFLOW_URL": workflow_url,
        "NOTIFIER_WORKFLOW_KEY": NOTIFIER_KEY,
        **more,
    }


@contextmanager
def serve(env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    with (Path(env["SECOR_HOME"]) / "log").open("ab") as log:
        process = subprocess.Popen([*COMMAND, "serve", "--port", str(port)], env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or _status(f"{url}/readyz") == 200)
        assert process.poll() is None, (Path(env["SECOR_HOME"]) / "log").read_text()
        yield process, url
    finally:
        process.kill()
        process.wait()


def _status(url: str) -> int | None:
    try:
        return CLIENT.get(url).status_code
    except httpx.TransportError:
        return None


def letters(home: Path) -> list[str]:
    return sorted(file.name for file in (home / "mailbox").glob("*.eml"))


def test_it_stops_at_once_even_while_it_waits_for_events(tmp_path: Path) -> None:
    workflow = StandIn()
    with Serving(workflow.app()) as served, serve(environment(tmp_path, served.url)) as (process, _url):
        time.sleep(0.3)
        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        workflow.closing = True

        assert time.monotonic() - asked_at < 3
        assert process.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_killed_at_any_time_it_sends_no_letter_under_two_names(tmp_path: Path) -> None:
    workflow = StandIn()
    with Serving(workflow.app()) as served:
        env = environment(tmp_path, served.url)
        for number in range(2):
            contact = workflow.person(f"Ana {number}", f"ana{number}@inn.example")
            case = workflow.case(contact)
            with serve(env) as (process, _url):
                for _ in range(5):
                    workflow.tell(
                        case, "EmployerRegistered", {"contact_id": contact}, deadlines=[due("sms", "2030-01-01")]
                    )
                time.sleep(0.05 * number)
                process.kill()
        with serve(env) as (_process, url):
            headers = {"Authorization": "Bearer key-of-admin"}

            def sent() -> list[dict[str, str]]:
                found = CLIENT.get(f"{url}/v1/reminders?status=sent&limit=500", headers=headers).json()["items"]
                return found if len(found) == 10 else []

            ids = sorted(one["reminder_id"] for one in eventually(sent))
        workflow.closing = True
    assert len(set(ids)) == 10
    assert sorted(name.removesuffix(".eml").partition("-welcome-")[2] for name in letters(tmp_path)) == ids


def test_no_log_line_names_anyone(tmp_path: Path) -> None:
    workflow = StandIn()
    with Serving(workflow.app()) as served, serve(environment(tmp_path, served.url)):
        contact = workflow.person("Zebedee Quill", "zebedee@inn.example")
        workflow.tell(workflow.case(contact), "EmployerRegistered", {"contact_id": contact})
        workflow.tell(workflow.case(contact), "SelfAssessmentRecorded", {"contact_id": contact, "gaps": 5})
        eventually(lambda: "unwritable" in (tmp_path / "log").read_text() and letters(tmp_path))
        workflow.closing = True

    log = (tmp_path / "log").read_text()
    assert '"event": "sent"' in log
    assert "Zebedee" not in log
    assert "zebedee@" not in log
    assert NOTIFIER_KEY not in log
