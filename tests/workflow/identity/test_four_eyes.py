"""With the switches on, erasing and admins' credentials need a second admin; whoever asked then does it, once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from secor_workflow.credentials.identities import derived
from secor_workflow.domain.policy import PACKAGED, Policies
from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service, first_key
from workflow.identity.four_eyes import four_eyes
from workflow.identity.provider import Provider

ADMIN_KEY = {"role": "admin", "actor_id": "third"}


@pytest.fixture(scope="module")
def service(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with all switches on, and a second admin beside the first."""
    folder = tmp_path_factory.mktemp("four-eyes")
    url = f"sqlite:///{folder / 'workflow.db'}"
    with Service(url, policy_file=four_eyes(folder), oidc=(provider.settings(),)) as running:
        yield running


@pytest.fixture(scope="module")
def second(service: Service) -> Caller:
    """Another admin, made as the first one was: beside the API."""
    return service.caller(first_key(service.settings, actor_id="second"))


def waiting(answer: httpx.Response) -> dict[str, Any]:
    """The approval for which a request waits."""
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/approvals/{told['approval_id']}"
    assert told["state"] == "waiting"
    return told


def approve(by: Caller, approval: dict[str, Any]) -> httpx.Response:
    return by.post(f"/v1/approvals/{approval['approval_id']}:approve")


def state_of(service: Service, approval: dict[str, Any]) -> str:
    return str(service.admin.read(f"/v1/approvals/{approval['approval_id']}")["state"])


def test_the_switches_are_off_unless_go2hr_turns_them_on() -> None:
    packaged = Policies.load(PACKAGED).editions[-1].four_eyes

    assert (packaged.erasure.value, packaged.admin_credentials.value) == (False, False)


def test_an_admin_s_key_is_made_once_another_admin_has_approved(service: Service, second: Caller) -> None:
    first = waiting(service.admin.post("/v1/keys", json=ADMIN_KEY))
    assert (first["operation"], first["path"], first["asked_by"]) == ("create_key", "/v1/keys", "root")
    assert first["about"] == {"role": "admin", "actor_id": "third", "name": "unnamed"}
    assert waiting(service.admin.post("/v1/keys", json=ADMIN_KEY)) == first

    assert approve(second, first).json()["approved_by"] == "second"
    made = service.admin.post("/v1/keys", json=ADMIN_KEY)

    assert made.status_code == 201
    assert service.caller(made.json()["key"]).read("/v1/me")["actor_id"] == "third"
    assert state_of(service, first) == "used"
    assert waiting(service.admin.post("/v1/keys", json=ADMIN_KEY))["approval_id"] != first["approval_id"]


def test_of_a_key_for_somebody_new_the_approver_reads_so(service: Service) -> None:
    asked = waiting(service.admin.post("/v1/keys", json={"role": "admin", "name": "night shift"}))

    assert asked["about"] == {"role": "admin", "actor_id": "a new one, made up from the role", "name": "night shift"}


def test_a_key_of_another_role_needs_one_admin_alone(service: Service) -> None:
    assert service.new_key("staff")["key"]


def test_nobody_approves_what_they_asked_for_under_whichever_id(
    service: Service, provider: Provider, second: Caller
) -> None:
    mine = service.caller(first_key(service.settings, actor_id="me"))
    by_token = service.caller(provider.token(sub="me", realm_access={"roles": ["secor-admin"]}))
    body = {"issuer": provider.issuer, "subject": "me"}
    approve(second, waiting(mine.put("/v1/actors/me/identities", json=body)))
    assert mine.put("/v1/actors/me/identities", json=body).status_code == 200
    asked = waiting(mine.post("/v1/keys", json={"role": "admin", "actor_id": "me-again"}))

    for me in (mine, by_token):
        refused(approve(me, asked), 403, "own_request")

    assert state_of(service, asked) == "waiting"
    assert approve(second, asked).status_code == 200
    assert by_token.post("/v1/keys", json={"role": "admin", "actor_id": "me-again"}).status_code == 201


def test_who_is_who_is_not_changed_by_one_admin_alone(service: Service, provider: Provider) -> None:
    """Else one admin could become two: by unlinking a token, or by taking another admin's name."""
    body = {"issuer": provider.issuer, "subject": "somebody"}

    linking = waiting(service.admin.put("/v1/actors/second/identities", json=body))
    saying = waiting(service.admin.put("/v1/actors/second/person", json={"email": "root@example.org"}))

    assert linking["about"] == {
        "actor_id": "second", "issuer": provider.issuer, "derived_actor_id": derived(provider.issuer, "somebody"),
    }  # fmt: skip
    assert saying["about"] == {"actor_id": "second"}, "whose address it is stays unsaid"
    assert service.admin.read("/v1/actors/second/identities")["items"] == []
    assert service.admin.read("/v1/actors/second/person")["said_at"] is None


def test_what_was_linked_is_unlinked_by_two(service: Service, second: Caller, provider: Provider) -> None:
    def done(method: str, path: str, body: object = None) -> httpx.Response:
        def send() -> httpx.Response:
            return service.admin.request(method, path, json=body)

        assert approve(second, waiting(send())).status_code == 200
        return send()

    path = "/v1/actors/lou"
    link, address = {"issuer": provider.issuer, "subject": "lou"}, {"email": "lou@example.org"}
    linked = done("PUT", f"{path}/identities", link)
    done("PUT", f"{path}/person", address)
    for what, body in (("identities", link), ("person", address)):  # said already: nothing to approve
        assert service.admin.put(f"{path}/{what}", json=body).status_code == 200

    assert done("DELETE", f"{path}/identities/{linked.json()['identity_id']}").status_code == 204
    assert done("DELETE", f"{path}/person").status_code == 204


def test_another_admin_s_key_is_rotated_by_two_and_one_s_own_by_oneself(service: Service, second: Caller) -> None:
    mine, other = (caller.read("/v1/me")["key_id"] for caller in (service.admin, second))

    asked = waiting(service.admin.post(f"/v1/keys/{other}:rotate"))

    assert asked["about"] == {"role": "admin", "actor_id": "second", "name": asked["about"]["name"]}
    assert asked["about"]["name"]
    assert service.admin.post(f"/v1/keys/{mine}:rotate").status_code == 201


Erasure = Callable[[Life], tuple[str, dict[str, str]]]
ERASURES: dict[str, Erasure] = {
    "person": lambda life: (f"/v1/people/{life.case()['contact_id']}:erase", {"reason": "Asked."}),
    "text": lambda life: (f"/v1/texts/{life.case()['hold']['reason_id']}:erase", {"reason": "Asked."}),
    "document": lambda life: (
        f"{life.path}/documents/{life.document()['document_id']}:erase", {"reason": "Not ours."}
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ERASURES)
def test_nothing_is_erased_before_another_admin_has_approved(service: Service, second: Caller, kind: str) -> None:
    life = a_life(service, "Registered")
    life.do("place-hold", reason="Fire.")
    path, body = ERASURES[kind](life)
    before = service.admin.read(f"{life.path}/events")["items"]

    asked = waiting(service.admin.post(path, json=body))

    assert asked["path"] == path
    assert asked["about"]["reason"] == "given, in words that are kept beside once it is done"
    assert body["reason"] not in str(asked)
    assert service.admin.read(f"{life.path}/events")["items"] == before
    assert waiting(service.admin.post(path, json={"reason": "Something else."})) != asked
    assert approve(second, asked).status_code == 200
    assert service.admin.post(path, json=body).status_code == 200
    assert service.admin.post(path, json=body).status_code == 200  # done already: nothing to approve


def test_an_approval_is_for_whoever_asked(service: Service, second: Caller) -> None:
    body = {"role": "admin", "actor_id": "for-root-alone"}
    approve(second, waiting(service.admin.post("/v1/keys", json=body)))

    waiting(second.post("/v1/keys", json=body))

    assert service.admin.post("/v1/keys", json=body).status_code == 201


def test_of_two_that_carry_it_out_at_once_one_does(service: Service, second: Caller) -> None:
    body = {"role": "admin", "actor_id": "only-once"}
    approve(second, waiting(service.admin.post("/v1/keys", json=body)))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: service.admin.post("/v1/keys", json=body).status_code, range(4)))

    assert sorted(answers) == [201, 202, 202, 202]
    made = [key for key in service.admin.read("/v1/keys")["items"] if key["actor_id"] == "only-once"]
    assert len(made) == 1


def test_a_request_sent_again_after_it_was_done_asks_for_nothing(service: Service, second: Caller) -> None:
    body, headers = {"role": "admin", "actor_id": "again"}, {"Idempotency-Key": "one-admin"}
    approve(second, waiting(service.admin.post("/v1/keys", json=body, headers=headers)))
    made = service.admin.post("/v1/keys", json=body, headers=headers)

    again = service.admin.post("/v1/keys", json=body, headers=headers)

    assert again.json() == made.json() | {"key": None}


def test_what_was_withdrawn_is_not_done(service: Service, second: Caller) -> None:
    body = {"role": "admin", "actor_id": "never"}
    asked = waiting(service.admin.post("/v1/keys", json=body))
    approve(second, asked)

    withdrawn = second.post(f"/v1/approvals/{asked['approval_id']}:withdraw")

    assert (withdrawn.json()["state"], withdrawn.json()["withdrawn_by"]) == ("withdrawn", "second")
    assert second.post(f"/v1/approvals/{asked['approval_id']}:withdraw").json() == withdrawn.json()
    waiting(service.admin.post("/v1/keys", json=body))


def test_an_approval_ends(service: Service, second: Caller) -> None:
    body = {"role": "admin", "actor_id": "too-late"}
    asked, other = (waiting(service.admin.post("/v1/keys", json=body | more)) for more in ({}, {"name": "other"}))
    approve(second, other)

    service.live_through(7)

    for verb in ("approve", "withdraw"):
        refused(second.post(f"/v1/approvals/{asked['approval_id']}:{verb}"), 409, "approval_closed")
    assert [state_of(service, one) for one in (asked, other)] == ["expired", "expired"]
    waiting(service.admin.post("/v1/keys", json=body | {"name": "other"}))


def test_what_waits_is_listed_newest_first_to_admins_alone(service: Service, second: Caller) -> None:
    asked = waiting(service.admin.post("/v1/keys", json={"role": "admin", "actor_id": "listed"}))

    (newest,) = second.read("/v1/approvals", limit=1)["items"]

    assert newest == asked
    for path in ("/v1/approvals", f"/v1/approvals/{asked['approval_id']}"):
        refused(service.staff.get(path), 403, "forbidden")
    for verb in ("approve", "withdraw"):
        refused(service.staff.post(f"/v1/approvals/{asked['approval_id']}:{verb}"), 403, "forbidden")
        refused(second.post(f"/v1/approvals/{'0' * 32}:{verb}"), 404, "not_found")
