"""API keys are made, listed and revoked by admins; the secret is shown once; everybody may ask who they are."""

from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines
FIELDS = {
    "key_id",
    "actor_id",
    "role",
    "name",
    "worksafebc_account",
    "created_at",
    "created_by",
    "revoked_at",
    "prefix",
    "expires_at",
    "last_used_at",
    "replaces",
}


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "integration", "reader", "notifier", "admin"])
def test_a_new_key_opens_as_the_role_it_was_made_for(service: Service, role: str) -> None:
    made = service.new_key(role, actor_id=f"new-{role}", name="For a test")

    assert service.caller(made["key"]).read("/v1/me") == {
        "actor_id": f"new-{role}",
        "role": role,
        "name": "For a test",
        "worksafebc_account": None,
        "key_id": made["key_id"],
    }


def test_an_employers_key_is_bound_to_its_account(service: Service) -> None:
    made = service.new_key("employer", worksafebc_account="765432")

    assert service.caller(made["key"]).read("/v1/me")["worksafebc_account"] == "765432"
    assert made["actor_id"]


def test_the_secret_is_shown_once_and_then_never_again(service: Service) -> None:
    answer = service.admin.post("/v1/keys", json={"role": "reader"})
    made = answer.json()

    assert made["key"].startswith(made["prefix"])
    assert answer.headers["cache-control"] == "no-store"
    assert service.admin.get(answer.headers["location"]).json() == {k: made[k] for k in FIELDS}
    listed = service.admin.get("/v1/keys")
    assert made["key"] not in listed.text
    assert {k: made[k] for k in FIELDS} in listed.json()["items"]
    assert all(item.keys() == FIELDS for item in listed.json()["items"])


def test_a_revoked_key_opens_nothing_and_stays_listed(service: Service) -> None:
    made = service.new_key("staff")
    holder = service.caller(made["key"])
    assert holder.get("/v1/me").status_code == 200

    answer = service.admin.delete(f"/v1/keys/{made['key_id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    refused(holder.get("/v1/me"), 401, "unauthenticated")
    refused(holder.get("/v1/cases"), 401, "unauthenticated")
    assert service.admin.read(f"/v1/keys/{made['key_id']}")["revoked_at"]


def test_revoking_twice_is_as_good_as_once_and_keeps_the_first_time(service: Service) -> None:
    made = service.new_key("staff")
    service.admin.delete(f"/v1/keys/{made['key_id']}")
    first = service.admin.read(f"/v1/keys/{made['key_id']}")

    assert service.admin.delete(f"/v1/keys/{made['key_id']}").status_code == 204
    assert service.admin.read(f"/v1/keys/{made['key_id']}") == first


def test_who_has_two_keys_keeps_the_other(service: Service) -> None:
    one, other = (service.new_key("staff", actor_id="same") for _ in range(2))

    service.admin.delete(f"/v1/keys/{one['key_id']}")

    assert service.caller(other["key"]).read("/v1/me")["actor_id"] == "same"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("key_id", ["00000000-0000-7000-8000-000000000000", "nonsense"])
def test_a_key_that_does_not_exist_is_not_found(service: Service, method: str, key_id: str) -> None:
    refused(service.admin.request(method, f"/v1/keys/{key_id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/role"),
        ({"role": "clock"}, "/role"),
        ({"role": "king"}, "/role"),
        ({"role": "employer"}, "/worksafebc_account"),
        ({"role": "staff", "worksafebc_account": "765432"}, "/worksafebc_account"),
        ({"role": "employer", "worksafebc_account": "12"}, "/worksafebc_account"),
        ({"role": "employer", "worksafebc_account": 765432}, "/worksafebc_account"),
        ({"role": "staff", "actor_id": "a b"}, "/actor_id"),
        ({"role": "staff", "actor_id": "ada@example.org"}, "/actor_id"),
        ({"role": "staff", "actor_id": "clock"}, "/actor_id"),
        ({"role": "staff", "actor_id": "command-line"}, "/actor_id"),
        ({"role": "staff", "name": "\x00"}, "/name"),
        ({"role": "staff", "name": "x" * 201}, "/name"),
        ({"role": "staff", "key": "mine"}, "/key"),
    ],
    ids=str,
)
def test_a_wrong_key_is_refused_with_its_place(service: Service, body: dict[str, Any], pointer: str) -> None:
    problem = refused(service.admin.post("/v1/keys", json=body), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_key_s_name_is_kept_for_ever_and_holds_nobody_s_address(service: Service) -> None:
    for name in ("Robin, robin@example.com", "Robin 604-555-0142"):
        refused(service.admin.post("/v1/keys", json={"role": "staff", "name": name}), 422, "personal_data")


@pytest.mark.parametrize("actor_id", ["clock", "command-line"])
def test_nobody_is_linked_to_the_system_itself(service: Service, actor_id: str) -> None:
    person = {"email": "kim@example.com"}
    refused(service.admin.put(f"/v1/actors/{actor_id}/person", json=person), 404, "not_found")


def test_a_request_sent_again_makes_no_second_key_and_does_not_show_the_secret_again(service: Service) -> None:
    body, headers = {"role": "reader", "name": "Once"}, {"Idempotency-Key": "make-one-key"}
    first = service.admin.post("/v1/keys", json=body, headers=headers)

    again = service.admin.post("/v1/keys", json=body, headers=headers)

    assert again.status_code == 201
    assert again.json() == first.json() | {"key": None}
    assert again.headers["idempotency-replayed"] == "true"
    assert [item["name"] for item in service.admin.read("/v1/keys")["items"]].count("Once") == 1


@pytest.mark.parametrize("other", [{"role": "staff"}, {"name": "Other"}, {"actor_id": "other"}], ids=str)
def test_an_idempotency_key_used_for_another_key_is_refused(service: Service, other: dict[str, str]) -> None:
    body, headers = {"role": "reader", "actor_id": "twice"}, {"Idempotency-Key": "make-another-key"}
    service.admin.post("/v1/keys", json=body, headers=headers)

    answer = service.admin.post("/v1/keys", json=body | other, headers=headers)

    refused(answer, 422, "idempotency_key_reused")


def test_the_scheme_of_a_credential_is_read_in_any_letter_case(service: Service) -> None:
    headers = {"Authorization": f"bEARER {service.reader.key}"}

    assert service.nobody.get("/v1/me", headers=headers).json()["role"] == "reader"
