"""What both services log, as processes: JSON a line, without keys, passwords, tokens, or how to reach somebody."""

import importlib
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from e2e.conftest import two_free_ports
from local import place, running

PASSWORD, CHAT, HOOK = "hunter2", "T0SECRETCHAT", "secret-hook-path"
EMAIL, PHONE = "zebedee.quill@inn.example", "604-555-0142"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
PEOPLE = ("Zebedee", "Quill", EMAIL, EMAIL.upper(), PHONE)

TOLD = {
    "secor_live_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM was tried": "[key] was tried",
    "secor_0123456789abcdefghij0123456789 of the form before": "[key] of the form before",
    "{'authorization': 'Bearer abc.def'}": "{'authorization': 'Bearer [secret]'}",
    "(b'Authorization', b'Basic Zm9vOmJhcg==')": "(b'Authorization', b'Basic [secret]')",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln": "[token]",
    "postgresql+asyncpg://secor:p@ss/w@db.internal/secor?password=x": "postgresql+asyncpg://[secret]@db.internal/secor?…",
    "smtp://mailer:hunter2@mail.example:587?starttls=1": "smtp://[secret]@mail.example:587?…",
    "slack://TokenA/TokenB/TokenC": "slack://[secret]",
    "POST https://hooks.slack.com/services/T0/B0/XYZ?x=y": "POST https://hooks.slack.com/…",
    "AWS_SECRET_ACCESS_KEY=abc, AWS_REGION=ca": "AWS_SECRET_ACCESS_KEY=[secret], AWS_REGION=ca",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "[secret]",
    "GET /calendars/3q2-7w.ics": "GET /calendars/[token]",
    "POST /unsubscribe/cmVt.c2ln": "POST /unsubscribe/[token]",
    "550 <zoe.o'hara+x@inn.example>: no such user": "550 <[e-mail]>: no such user",
    "?email=zoe%40inn.example&x=1": "?email=[e-mail]&x=1",
    "call (604) 555-0142 or +1 604.555.0143": "call [phone] or [phone]",
    "\x1b[31m: a terminal would obey": "\N{REPLACEMENT CHARACTER}[31m: a terminal would obey",
    # What tells nothing stays as it is.
    "secor_workflow.api.edge at /srv/secor_notifier/logs.py": None,
    "019a1234-1234-7123-8123-1234567890ab on 2026-11-23T05:41:00.123456Z": None,
    "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)": None,
    "sqlite:////srv/secor/workflow.db": None,
    "/calendars/{token}.ics": None,
}


@pytest.mark.parametrize("service", ["secor_workflow", "secor_notifier"])
def test_what_must_not_be_told_is_left_out_and_the_rest_stays(service: str) -> None:
    redacted = importlib.import_module(f"{service}.redaction").redacted

    assert {text: redacted(text) for text in TOLD} == {text: told or text for text, told in TOLD.items()}


@dataclass
class Ran:
    """An instance that was troubled and stopped: what it logged, and what must not be in there."""

    logs: dict[str, str]
    secrets: set[str]
    case_id: str

    def lines(self, service: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logs[service].splitlines()]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A day on which everything goes wrong: mail, chat, webhooks, keys, and a row in the database."""
    home = tmp_path_factory.mktemp("logs")
    at = place(
        home,
        *two_free_ports(),
        NOTIFIER_MAIL_URL=f"smtp://mailer:{PASSWORD}@127.0.0.1:1",
        NOTIFIER_STAFF_TARGETS=f"jsons://user:{PASSWORD}@127.0.0.1:1/{CHAT}",
    )
    with running(at) as instance, httpx.Client(timeout=30) as client:
        secrets = {*instance.keys.values(), PASSWORD, CHAT, HOOK}
        as_staff, as_admin = ({"Authorization": f"Bearer {instance.keys[name]}"} for name in ("STAFF_KEY", "ADMIN_KEY"))
        workflow, notifier = at.workflow_url, at.notifier_url

        def told(answer: httpx.Response) -> dict[str, Any]:
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        hook = {"url": f"http://127.0.0.1:1/{HOOK}", "events": ["*"]}
        secrets.add(told(client.post(f"{notifier}/v1/webhooks", json=hook, headers=as_admin))["secret"])
        case = told(client.post(f"{workflow}/v1/cases", json=REGISTRATION, headers=as_staff))["case"]
        about: dict[str, Any] = {"filter": {}}
        calendar = told(client.post(f"{notifier}/v1/calendars", json=about, headers=as_admin))["url"]
        secrets.add(calendar.rpartition("/")[2].removesuffix(".ics"))
        assert client.get(calendar).status_code == 200
        assert client.get(f"{notifier}/unsubscribe/{CHAT}.c2ln").status_code == 404
        assert client.get(f"{workflow}/v1/cases/{EMAIL}?q={EMAIL}", headers=as_staff).status_code == 422
        wrong = {"Authorization": f"Bearer {instance.keys['STAFF_KEY'][:-1]}?"}
        assert client.get(f"{workflow}/v1/me?key={PASSWORD}", headers=wrong).status_code == 401
        told(client.put(f"{notifier}/v1/sandbox/clock", json={"advance": "P100D"}, headers=as_admin))
        with sqlite3.connect(home / "workflow.db") as database:
            database.execute("UPDATE people SET erased_at = ?", (EMAIL,))
        database.close()
        person = case["contact_id"]
        assert client.get(f"{workflow}/v1/people/{person}", headers=as_staff).status_code == 500
    logs = {service: (home / f"{service}.log").read_text("utf-8") for service in ("workflow", "notifier")}
    return Ran(logs, secrets, case["case_id"])


REGISTRATION = {
    "employer": {
        "legal_name": "Blue Heron Inn Ltd.",
        "worksafebc_account": "201001",
        "classification_units": ["761056"],
        "headcount": 12,
    },
    "contact": {"name": "Zebedee Quill", "email": EMAIL, "phone": PHONE},
    "terms_accepted": True,
}


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_every_line_is_json_with_time_level_and_event(ran: Ran, service: str) -> None:
    for line in ran.lines(service):
        assert INSTANT.fullmatch(line["time"])
        assert line["level"] in {"info", "warning", "error", "critical"}
        assert line["event"]


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_no_line_holds_a_secret_or_tells_of_a_person(ran: Ran, service: str) -> None:
    for word in (*ran.secrets, *PEOPLE):
        assert word not in ran.logs[service], word


def test_each_request_is_a_line_that_says_who_asked_for_what_and_which_event_came_of_it(ran: Ran) -> None:
    asked = [line for line in ran.lines("workflow") if line.get("route") == "/v1/cases"]
    [registered] = [line for line in asked if line["method"] == "POST"]

    assert (registered["event"], registered["method"], registered["status"]) == ("request", "POST", "201")
    assert (registered["position"], registered["case_id"]) == (1, ran.case_id)
    assert UUID(registered["request_id"])
    assert registered["actor_id"]
    [made] = [line for line in ran.lines("notifier") if line.get("route") == "/v1/calendars"]
    assert made["actor_id"]
    assert "/calendars/{token}.ics" in {line.get("route") for line in ran.lines("notifier")}


def test_what_went_wrong_is_told_with_its_traceback_and_the_request_it_broke(ran: Ran) -> None:
    [broken] = [line for line in ran.lines("workflow") if line.get("status") == "500"]
    [fault] = [line for line in ran.lines("workflow") if "exception" in line]

    assert fault["logger"] == "uvicorn.error"
    assert fault["request_id"] == broken["request_id"]
    assert "Traceback" in fault["exception"]
    assert "[e-mail]" in fault["exception"]
    assert {"not sent", "not delivered"} <= {line["event"] for line in ran.lines("notifier")}


FAULTS = {
    "a database of another kind": {"WORKFLOW_DATABASE_URL": f"mysql://secor:{PASSWORD}@127.0.0.1:1/secor"},
    "a setting of the wrong kind": {"WORKFLOW_PORT": PASSWORD},
}


def test_a_service_that_cannot_start_says_why_and_keeps_its_secrets(tmp_path: Path) -> None:
    begun = [cannot_start(tmp_path, fault, subprocess.PIPE) for fault in FAULTS.values()]

    for process in begun:
        out, said = process.communicate()
        assert process.returncode != 0
        assert said
        assert all(json.loads(line)["event"] for line in said.splitlines())
        assert PASSWORD.encode() not in out + said


def test_at_a_terminal_a_person_reads_lines_instead_of_json(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = cannot_start(tmp_path, {"WORKFLOW_OIDC": f'[{{"issuer": "{PASSWORD}"}}]'}, theirs)
    os.close(theirs)
    process.wait()
    said = os.read(ours, 65536).decode()
    os.close(ours)

    assert "the environment is wrong" in said
    assert not said.startswith("{")
    assert PASSWORD not in said


def cannot_start(home: Path, fault: dict[str, str], out: int) -> "subprocess.Popen[bytes]":
    environment = {"PATH": os.environ["PATH"], "SECOR_HOME": str(home), **fault}
    return subprocess.Popen([sys.executable, "-m", "secor_workflow", "serve"], env=environment, stdout=out, stderr=out)
