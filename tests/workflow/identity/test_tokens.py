"""People and services come with tokens of a provider: the wall is the same as for keys, and so is the actor."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.identity.provider import ENTRA_ROLES, Provider

SUBJECT = "0f6b1c0e-5f7e-4c38-9f6c-3c1b0a5f7a11"


def roles(*names: str) -> dict[str, list[str]]:
    return {"roles": list(names)}


def me(caller: Caller) -> dict[str, Any]:
    told: dict[str, Any] = caller.read("/v1/me")
    return told


def test_a_token_says_who_comes_and_that_stays_the_same(service: Service, provider: Provider) -> None:
    first, again = (me(service.caller(provider.token(jti=jti))) for jti in ("one", "two"))

    assert first == again
    assert first["role"] == "staff"
    assert first["actor_id"].startswith("oidc-")
    assert SUBJECT not in str(first)


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", "AT+JWT"])
def test_a_token_may_call_itself_an_access_token(service: Service, provider: Provider, kind: str) -> None:
    assert service.caller(provider.token({"typ": kind})).get("/v1/me").status_code == 200


def test_who_has_several_roles_acts_as_the_first_on_the_list(service: Service, provider: Provider) -> None:
    token = provider.token(realm_access=roles("secor-reader", "secor-staff", "secor-reviewer"), sub="many")

    assert me(service.caller(token))["role"] == "qa_reviewer"


def test_an_employers_token_opens_its_own_case_and_no_other(service: Service, provider: Provider) -> None:
    own, other = a_life(service, "Registered"), a_life(service, "Registered")
    token = provider.token(realm_access=roles("secor-employer"), worksafebc_account=own.account, sub="an employer")
    employer = service.caller(token)

    assert me(employer)["worksafebc_account"] == own.account
    assert [item["case_id"] for item in employer.read("/v1/cases")["items"]] == [own.case_id]
    refused(employer.get(other.path), 404, "not_found")
    refused(employer.get("/v1/events"), 403, "forbidden")
    refused(employer.post(f"{other.path}/commands/withdraw", json={"reason": "Revenge."}), 404, "not_found")


def test_only_an_employers_token_is_bound_to_an_account(service: Service, provider: Provider) -> None:
    assert me(service.caller(provider.token(worksafebc_account="201001")))["worksafebc_account"] is None


def test_a_service_comes_with_client_credentials(service: Service, provider: Provider) -> None:
    form = {"grant_type": "client_credentials", "client_id": "dashboard", "client_secret": "s"}
    token = httpx.post(f"{provider.issuer}/token", data=form).json()["access_token"]

    reader = service.caller(token)

    assert me(reader)["role"] == "reader"
    assert reader.get("/v1/events").status_code == 200
    refused(reader.post("/v1/keys", json={"role": "reader"}), 403, "forbidden")


def test_a_command_of_a_token_bears_its_actor_and_repeats_safely(service: Service, provider: Provider) -> None:
    life = Life(service)
    clerk = service.caller(provider.token(sub="clerk by token"))
    headers = {"Idempotency-Key": "by-token"}

    body = life.registration()
    first, again = (clerk.post("/v1/cases", json=body, headers=headers) for _ in range(2))

    assert (first.status_code, first.json()["event"]["actor"]) == (201, me(clerk)["actor_id"])
    assert first.json()["event"]["actorrole"] == "staff"
    assert again.headers["idempotency-replayed"] == "true"


def test_a_reviewer_who_comes_by_token_alone_can_be_assigned(service: Service, provider: Provider) -> None:
    life = a_life(service, "AuditSubmitted")
    reviewer = service.caller(provider.token(sub="a reviewer", realm_access=roles("secor-reviewer")))
    known_as = me(reviewer)["actor_id"]

    answer = service.staff.post(f"{life.path}/commands/assign-reviewer", json={"reviewer": known_as})

    assert answer.status_code == 200, answer.text
    assert life.send("return-audit", reviewer, notes=[{"text": "More."}]).status_code == 200


# --- one person, one actor ---


def link(service: Service, provider: Provider, actor: str, subject: str) -> httpx.Response:
    body = {"issuer": provider.issuer, "subject": subject}
    return service.admin.put(f"/v1/actors/{actor}/identities", json=body)


def test_a_person_behind_a_key_and_a_token_is_one_actor(service: Service, provider: Provider) -> None:
    by_token = service.caller(provider.token(sub="kim"))
    before = me(by_token)["actor_id"]

    made = link(service, provider, "kim", "kim")

    assert made.status_code == 200
    assert me(by_token)["actor_id"] == "kim"
    told = made.json()
    assert (told["derived_actor_id"], told["linked_by"]) == (before, "root")
    assert service.admin.read("/v1/actors/kim/identities")["items"] == [told]


def test_linking_twice_is_as_good_as_once(service: Service, provider: Provider) -> None:
    first, again = (link(service, provider, "robin", "robin").json() for _ in range(2))

    assert first == again


def test_a_subject_is_one_actors_alone_until_that_link_is_deleted(service: Service, provider: Provider) -> None:
    identity = link(service, provider, "jo", "jo").json()["identity_id"]
    by_token = service.caller(provider.token(sub="jo"))

    assert "jo" in refused(link(service, provider, "someone-else", "jo"), 409, "linked_elsewhere")["detail"]
    refused(service.admin.delete(f"/v1/actors/someone-else/identities/{identity}"), 404, "not_found")
    assert service.admin.delete(f"/v1/actors/jo/identities/{identity}").status_code == 204

    assert me(by_token)["actor_id"].startswith("oidc-")
    assert link(service, provider, "someone-else", "jo").status_code == 200
    assert me(by_token)["actor_id"] == "someone-else"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"issuer": "https://elsewhere.example"}, "/issuer"),
        ({"issuer": 1}, "/issuer"),
        ({"subject": ""}, "/subject"),
        ({"subject": "a\nb"}, "/subject"),
        ({"subject": "x" * 256}, "/subject"),
        ({"role": "admin"}, "/role"),
    ],
    ids=str,
)
def test_a_wrong_link_is_refused_with_its_place(
    service: Service, provider: Provider, body: dict[str, Any], pointer: str
) -> None:
    whole = {"issuer": provider.issuer, "subject": "x"} | body

    problem = refused(service.admin.put("/v1/actors/kim/identities", json=whole), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize("actor", ["a b", "ada@example.org", "x" * 101, "-"])
def test_what_can_be_no_actor_is_not_found(service: Service, provider: Provider, actor: str) -> None:
    refused(link(service, provider, actor, "x"), 404, "not_found")


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "integration", "reader", "notifier"])
def test_nobody_but_an_admin_links(service: Service, provider: Provider, role: str) -> None:
    caller = service.of_role(role)
    body = {"issuer": provider.issuer, "subject": "me"}

    refused(caller.put("/v1/actors/root/identities", json=body), 403, "forbidden")
    refused(caller.get("/v1/actors/root/identities"), 403, "forbidden")
    refused(caller.delete(f"/v1/actors/root/identities/{'0' * 32}"), 403, "forbidden")


# --- Entra's shape ---


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose provider speaks as Entra does; its settings are a file."""
    with Provider() as provider:
        shape = {
            "roles": ENTRA_ROLES,
            "roles_claim": "roles",
            "actor_claim": "oid",
            "account_claim": ["extn.worksafebcAccount"],
            "audience": ["api://secor-workflow", "2f1d0a37-9d2c-4b8e-8a52-1b1c7a0c9a55"],
        }
        url = f"sqlite:///{tmp_path_factory.mktemp('entra') / 'workflow.db'}"
        with Service(url, oidc=(provider.settings(**shape),)) as service:
            service.__dict__["provider"] = provider
            yield service


def entra_token(service: Service, **more: Any) -> str:  # noqa: ANN401 (claims of every type)
    """What Entra says of a person in version 2 of its tokens; its keys tell no `alg`, its header a thumbprint."""
    provider: Provider = service.__dict__["provider"]
    said = {
        "aud": "2f1d0a37-9d2c-4b8e-8a52-1b1c7a0c9a55",
        "typ": None,
        "realm_access": None,
        "ver": "2.0",
        "tid": "9f6c3c1b-0a5f-4a11-8f6b-1c0e5f7e4c38",
        "nbf": int(time.time()),
        "oid": "5b2f9f0e-1111-4c38-9f6c-3c1b0a5f7a11",
        "sub": "pairwise-for-this-application",
        "roles": ["Secor.Staff"],
    }
    return provider.token({"x5t": "nOo3ZDrODXEK1jKWhXslHR_KXEg"}, **(said | more))


def test_entras_tokens_open_and_the_object_id_is_the_person(entra: Service) -> None:
    one, other = (entra.caller(entra_token(entra, sub=sub)) for sub in ("for one app", "for another"))

    assert me(one)["role"] == "staff"
    assert me(one)["actor_id"] == me(other)["actor_id"]


def test_entras_directory_extension_names_the_account(entra: Service) -> None:
    claims = {"roles": ["Secor.Employer"], "extn.worksafebcAccount": ["201001"]}

    assert me(entra.caller(entra_token(entra, **claims)))["worksafebc_account"] == "201001"


def test_an_app_of_entras_own_comes_with_its_roles(entra: Service) -> None:
    token = entra_token(entra, aud="api://secor-workflow", ver="1.0", roles=["Secor.Reviewer"], idtyp="app")

    assert me(entra.caller(token))["role"] == "qa_reviewer"


# --- the settings ---


def test_the_settings_are_json_or_a_file_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from secor_workflow.settings import Settings  # noqa: PLC0415 (read in the environment of this test)

    text = '[{"issuer": "https://login.example.org", "audience": "secor", "roles": {"boss": "admin"}}]'
    (tmp_path / "oidc.json").write_text(text, "utf-8")

    for said in (text, str(tmp_path / "oidc.json")):
        monkeypatch.setenv("WORKFLOW_OIDC", said)
        (provider,) = Settings().oidc
        assert (provider.issuer, provider.audience) == ("https://login.example.org", ("secor",))
    monkeypatch.setenv("WORKFLOW_OIDC", "")
    assert Settings().oidc == ()


def test_without_a_provider_no_token_opens(provider: Provider, tmp_path: Path) -> None:
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}") as keys_only:
        refused(keys_only.caller(provider.token()).get("/v1/me"), 401, "unauthenticated")
