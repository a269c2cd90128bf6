"""The three years of the demo without a single key: everybody signs in at an OpenID provider, the notifier too."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from rich.console import Console

from demo import play
from local import place, running
from teller import Teller

PATIENCE = 30.0
CLIENT, BACK = "secor-portal", "http://127.0.0.1:9/back"
ROLES = ("admin", "staff", "qa_reviewer", "integration", "reader", "notifier")
ACCOUNTS = ("201001", "201002", "201003")
PEOPLE = [
    *({"sub": f"the {role}", "groups": [role]} for role in ROLES),
    *({"sub": f"employer {account}", "groups": ["employer"], "worksafebc_account": account} for account in ACCOUNTS),
]
NAMES = {"ADMIN_KEY": "admin", "STAFF_KEY": "staff", "REVIEWER_KEY": "qa_reviewer"}
NAMES |= {"INTEGRATION_KEY": "integration", "NOTIFIER_KEY": "notifier"}


@pytest.mark.timeout(300)
def test_the_demo_is_the_same_under_tokens(tmp_path: Path, free_ports: tuple[int, int]) -> None:
    with a_provider() as issuer:
        trusted: dict[str, object] = {"issuer": issuer, "audience": CLIENT, "roles_claim": "groups"}
        trusted |= {"roles": {role: role for role in (*ROLES, "employer")}}
        at = place(tmp_path / "home", *free_ports, WORKFLOW_OIDC=json.dumps([trusted]))
        at.home.mkdir()
        tokens = {name: signed_in(issuer, f"the {role}") for name, role in NAMES.items()}
        with running(at, tokens):
            teller = Teller(at, tokens, Console(quiet=True), lambda account: signed_in(issuer, f"employer {account}"))
            try:
                play(teller)  # checks every state, deadline and count of letters on its way
                keys = teller.admin.get("/v1/keys").json()["items"]
                history = teller.staff.get(f"/v1/cases/{teller.employers[0].case_id}/events").json()["items"]
            finally:
                teller.close()

    assert keys == []
    assert {event["actor"] for event in history if event["actorrole"] != "clock"} == {
        event["actor"] for event in history if event["actor"].startswith("oidc-")
    }
    log = (at.home / "workflow.log").read_text("utf-8") + (at.home / "notifier.log").read_text("utf-8")
    assert not [token for token in tokens.values() if token in log]


@contextmanager
def a_provider() -> Iterator[str]:
    """A provider that we did not write, as a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *told]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{url}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < until, "the provider did not start"
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


def signed_in(issuer: str, subject: str) -> str:
    """What a browser does: authorise, come back with a code, and have it changed for a token."""
    ask = {"client_id": CLIENT, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
    back = httpx.post(f"{issuer}/oauth2/authorize", params=ask, data={"sub": subject})
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = httpx.post(f"{issuer}/oauth2/token", data=form, auth=(CLIENT, "secret"))
    token: str = answer.raise_for_status().json()["id_token"]
    return token
