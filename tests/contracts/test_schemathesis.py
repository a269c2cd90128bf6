"""Schemathesis finds no fault in either running service: all its phases, with keys of every role and real cases.

`make fuzz` goes on with new random questions for `SECOR_FUZZ_SECONDS` in each service.
"""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import place, running, stop
from loopback import NO_TLS
from workflow.api.bodies import A_FORM
from workflow.api.life import COURSE, employer_of, somebody

HERE = Path(__file__).parent
SECONDS = os.environ.get("SECOR_FUZZ_SECONDS")
ACCOUNT = "20000001"
AN_HOUR = 3600
LEAST = 300
"""Questions at least, or something kept it from asking."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """Both services, a key of each role, and a few cases."""

    urls: Mapping[str, str]
    keys: Mapping[str, str]
    key_ids: list[str]
    cases: list[str]
    documents: list[tuple[str, str]]
    """Each with its case."""
    notifier: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        ports = one.getsockname()[1], two.getsockname()[1]
    at = place(home, *ports, WORKFLOW_MAX_WAIT_SECONDS="0.2")
    with running(at) as instance, httpx.Client(base_url=at.workflow_url, timeout=60, verify=NO_TLS) as client:
        keys = {role_of(client, key): key for key in instance.keys.values()}
        employer = {"role": "employer", "worksafebc_account": ACCOUNT}
        keys["employer"] = sent(client, keys["admin"], "/v1/keys", employer)["key"]
        cases = [a_case(client, keys["staff"], commands) for commands in range(4)]
        documents = [(case_id, a_document(client, keys["staff"], case_id)) for case_id in cases]
        key_ids = [me(client, key)["key_id"] for key in keys.values()]
        urls = {"workflow": at.workflow_url, "notifier": at.notifier_url}
        yield Served(
            urls=urls,
            keys=keys,
            key_ids=key_ids,
            cases=cases,
            documents=documents,
            notifier=instance.processes["notifier"],
        )


def sent(client: httpx.Client, key: str, path: str, body: object) -> dict[str, Any]:
    answer = client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def role_of(client: httpx.Client, key: str) -> str:
    return str(me(client, key)["role"])


def me(client: httpx.Client, key: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).json()
    return found


def a_case(client: httpx.Client, staff: str, commands: int) -> str:
    """A case after so many commands; the first is the employer's whose key there is."""
    body = {"employer": employer_of(str(int(ACCOUNT) + commands)), "contact": somebody(), "terms_accepted": True}
    case = sent(client, staff, "/v1/cases", body)["case"]
    today = case["registered_on"]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("name-champion", {"person": somebody(), "employment": "owner"}),
        ("record-training", {"course": COURSE, "completed_on": today}),
        ("place-hold", {"reason": "A fire."}),
    ]
    for command, wish in steps[:commands]:
        sent(client, staff, f"/v1/cases/{case['case_id']}/commands/{command}", wish)
    return str(case["case_id"])


def a_document(client: httpx.Client, staff: str, case_id: str) -> str:
    answer = client.post(f"/v1/cases/{case_id}/documents", headers={"Authorization": f"Bearer {staff}"}, **A_FORM)
    assert answer.is_success, answer.text
    return str(answer.json()["document_id"])


@pytest.mark.timeout(AN_HOUR)
@pytest.mark.parametrize("service", ["notifier", "workflow"])
def test_schemathesis_finds_no_fault(served: Served, service: str, tmp_path: Path) -> None:
    if service == "workflow":  # its questions are not for the notifier, who would write letters about each case
        stop(served.notifier)
    more: list[str] = ["--max-time", SECONDS] if SECONDS else ["--generation-deterministic"]
    config = HERE / "schemathesis.toml"
    program = Path(sys.executable).with_name("schemathesis")
    told = {
        "SECOR_HOOKS": str(HERE / "schemathesis_hooks.py"),
        "SECOR_KEY": "takes-turns",
        "SECOR_KEYS": json.dumps(served.keys),
        "SECOR_KEY_IDS": json.dumps(served.key_ids),
        "SECOR_CASES": json.dumps(served.cases),
        "SECOR_DOCUMENTS": json.dumps(served.documents),
    }
    command: list[str | Path] = [
        program,
        "--config-file",
        config,
        "run",
        "--no-color",
        *more,
        f"{served.urls[service]}/openapi.json",
    ]

    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    asked = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert asked, done.stdout
    assert int(asked[1]) > LEAST
    with httpx.Client(base_url=served.urls["workflow"]) as client:  # a key revoked on the way would have hidden much
        assert [role_of(client, key) for key in served.keys.values()] == list(served.keys)
