"""What an attacker tried against the API and must not get."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, employer_of, somebody
from workflow.api.service import Service


def test_an_actor_with_two_roles_replays_nothing_under_the_other(service: Service) -> None:
    """The same actor id behind two keys: what one did is not shown to the other, nor does it work for it."""
    life = Life(service)
    life.employer.post("/v1/cases", json=life.registration())
    case_id = service.staff.read("/v1/cases", q=life.account)["items"][0]["case_id"]
    staff = service.new_caller("staff", actor_id="kim")
    body, headers = {"reason": "Look at it."}, {"Idempotency-Key": "kim-holds"}
    assert staff.post(f"/v1/cases/{case_id}/commands/place-hold", json=body, headers=headers).status_code == 200
    elsewhere = service.new_caller("employer", actor_id="kim", worksafebc_account=service.new_account())
    reader = service.new_caller("reader", actor_id="kim")
    for other, status, code in ((elsewhere, 404, "not_found"), (reader, 422, "idempotency_key_reused")):
        answer = other.post(f"/v1/cases/{case_id}/commands/place-hold", json=body, headers=headers)
        refused(answer, status, code)


def test_a_body_that_is_wrong_everywhere_gets_a_short_answer(service: Service) -> None:
    life = Life(service)
    wrong = {"elements": [{"a": 1, "b": 2, "c": 3}] * 20_000}
    life.employer.post("/v1/cases", json=life.registration())
    case_id = service.staff.read("/v1/cases", q=life.account)["items"][0]["case_id"]
    answer = service.reader.post(f"/v1/cases/{case_id}/commands/record-self-assessment", json=wrong)
    refused(answer, 422, "invalid_request")
    assert len(answer.content) < 2_000


def test_a_parameter_given_twice_is_refused_so_that_nothing_is_written_by_mistake(service: Service) -> None:
    life = Life(service)
    before = service.reader.read("/v1/events/head")["position"]
    answer = service.staff.post("/v1/cases?dry_run=true&dry_run=false", json=life.registration())
    refused(answer, 422, "invalid_request")
    assert service.reader.read("/v1/events/head")["position"] == before


@pytest.mark.parametrize(
    "amount", ["1e3", "1_000", "１２", " 12 ", "+5", "5.", "-0", "0.005", "1.234", 1200, 12.5, "", "NaN"]
)
def test_an_amount_is_digits_with_at_most_two_decimals(service: Service, amount: object) -> None:
    life = Life(service)
    body = life.registration(base_premium={"amount": amount, "currency": "CAD"})
    refused(service.staff.post("/v1/cases?dry_run=true", json=body), 422, "invalid_request")


@pytest.mark.parametrize("email", ["=?utf-8?q?x=40y?=.a@example.com", "a..b@example.com", ".a@example.com", "a.@x.ca"])
def test_an_address_that_no_mail_reaches_is_refused_at_the_door(service: Service, email: str) -> None:
    life = Life(service)
    body = {**life.registration(), "contact": somebody(email=email)}
    refused(service.staff.post("/v1/cases?dry_run=true", json=body), 422, "invalid_request")


def test_a_headcount_a_hair_over_the_limit_is_named_as_it_was_given(service: Service) -> None:
    answer = service.staff.post("/v1/cases", json=Life(service).registration(headcount=19.0000001))
    assert "not 19.0000001" in refused(answer, 409, "employer_too_large")["detail"]


def test_a_type_that_only_begins_like_json_is_not_json(service: Service) -> None:
    headers = {"Content-Type": "application/jsonx"}
    refused(service.staff.post("/v1/cases", content=b"{}", headers=headers), 415, "unsupported_media_type")


def test_as_of_shows_a_beginning_of_the_case_even_if_the_clock_was_set_back(service: Service) -> None:
    life = Life(service)
    first = service.staff.post("/v1/cases", json=life.registration()).json()
    registered_at = datetime.fromisoformat(first["event"]["time"])
    path = first["event"]["subject"]
    service.admin.put("/v1/sandbox/clock", json={"now": (registered_at - timedelta(minutes=2)).isoformat()})
    update: dict[str, Any] = {"employer": employer_of(life.account, headcount=8)}
    assert service.staff.post(f"/v1/cases/{path}/commands/update-employer", json=update).status_code == 200
    between = (registered_at - timedelta(minutes=1)).isoformat()
    refused(service.staff.get(f"/v1/cases/{path}", params={"as_of": between}), 404, "not_found")


@pytest.mark.parametrize("odd", ["%E2%80%83", "%0D", "%C2%A0", "%EF%BC%90", "+", "_"])
def test_an_id_in_other_signs_than_its_own_names_nothing(service: Service, odd: str) -> None:
    """Python reads blanks, other scripts' digits and underscores in a number: they came back in a header."""
    life = a_life(service, "Registered")
    person_id = life.case()["contact_id"]
    for _ in range(2):
        service.staff.read(f"/v1/people/{person_id}")
    for other in (odd + person_id.replace("-", "")[1:], odd + person_id[1:], f"urn:uuid:{person_id}"):
        refused(service.admin.get(f"/v1/people/{other}/reads?limit=1"), 404, "not_found")
