"""A case lives to its certificate while everybody comes by token; and a provider not of our making signs people in."""

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

from workflow.api.caller import Caller
from workflow.api.life import a_life
from workflow.api.service import Service
from workflow.identity.provider import KEYCLOAK_ROLES, Provider

PATIENCE = 20.0
CLIENT, BACK = "secor-portal", "http://127.0.0.1:9/back"


class ByToken(Service):
    """Everybody comes with a token, once an admin's key has said who they are."""

    provider: Provider

    def new_caller(self, role: str, **fields: object) -> Caller:
        """As with a key of this role: a token whose subject is linked to the same actor."""
        subject = f"subject-of-{fields['actor_id']}"
        body = {"issuer": self.provider.issuer, "subject": subject}
        assert self.admin.put(f"/v1/actors/{fields['actor_id']}/identities", json=body).status_code == 200
        name = next(name for name, ours in KEYCLOAK_ROLES.items() if ours == role)
        account = fields.get("worksafebc_account")
        token = self.provider.token(sub=subject, worksafebc_account=account, realm_access={"roles": [name]})
        caller = self.caller(token)
        caller.read("/v1/me")  # who has never come cannot be assigned
        return caller


def test_a_whole_life_under_tokens(provider: Provider, tmp_path: Path) -> None:
    ByToken.provider = provider
    with ByToken(f"sqlite:///{tmp_path / 'workflow.db'}", oidc=(provider.settings(),)) as service:
        life = a_life(service, "Certified")

        events = service.reader.read("/v1/events", case_id=life.case_id, limit=1000)

        assert life.case()["state"] == "Certified"
        assert {"clerk", "reviewer", f"employer-{life.account}"} <= {event["actor"] for event in events}
        assert [key["actor_id"] for key in service.admin.read("/v1/keys")["items"]] == ["root"]


@contextmanager
def another_s_provider(*users: dict[str, object]) -> Iterator[str]:
    """A provider that we did not write, as a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = [part for user in users for part in ("--user-claims", json.dumps(user))]
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
    told = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    ask = {"client_id": CLIENT, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
    back = httpx.post(told["authorization_endpoint"], params=ask, data={"sub": subject})
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = httpx.post(told["token_endpoint"], data=form, auth=(CLIENT, "secret"))
    token: str = answer.raise_for_status().json()["id_token"]
    return token


def test_another_s_provider_signs_people_in(tmp_path: Path) -> None:
    with another_s_provider({"sub": "kim", "groups": ["clerks"]}, {"sub": "lee", "groups": []}) as issuer:
        trusted = {"issuer": issuer, "audience": CLIENT, "roles": {"clerks": "staff"}, "roles_claim": "groups"}
        with Service(f"sqlite:///{tmp_path / 'workflow.db'}", oidc=(trusted,)) as service:
            assert service.caller(signed_in(issuer, "kim")).read("/v1/me")["role"] == "staff"
            assert service.caller(signed_in(issuer, "lee")).get("/v1/me").status_code == 401
