"""A request may be sent again with its idempotency key: it is done once, and answered the same for ever."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def test_the_same_request_again_gets_the_same_bytes_even_when_the_case_has_moved_on(service: Service) -> None:
    life, headers = a_life(service, "Registered"), keyed()
    path, body = f"{life.path}/commands/name-champion", {"person": {"name": "Al", "email": "al@example.org"}}
    first = life.employer.post(path, json=body | {"employment": "owner"}, headers=headers)
    life.record_training()
    life.close()
    service.live_through(3)

    again = life.employer.post(path, json=body | {"employment": "owner"}, headers=headers)

    assert again.content == first.content
    assert (again.status_code, again.headers["etag"]) == (first.status_code, first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert [event["caseversion"] for event in life.history()] == [1, 2, 3, 4]


def test_a_registration_sent_again_opens_no_second_case(service: Service) -> None:
    life, headers = Life(service), keyed()
    body = life.registration()
    first = life.employer.post("/v1/cases", json=body, headers=headers)

    again = life.employer.post("/v1/cases", json=body, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert len(life.employer.read("/v1/cases")["items"]) == 1


def test_a_key_used_for_another_body_is_refused(service: Service) -> None:
    life, headers = a_life(service, "Registered"), keyed()
    life.send("place-hold", headers=headers, reason="Fire.")

    refused(life.send("place-hold", headers=headers, reason="Flood."), 422, "idempotency_key_reused")


def test_a_key_used_for_another_command_is_refused(service: Service) -> None:
    life, headers = a_life(service, "Registered"), keyed()
    life.send("place-hold", headers=headers, reason="Fire.")

    refused(life.send("release-hold", headers=headers), 422, "idempotency_key_reused")
    assert life.case()["hold"]


def test_a_key_used_for_another_case_is_refused(service: Service) -> None:
    life, other, headers = a_life(service, "Registered"), a_life(service, "Registered"), keyed()
    life.send("place-hold", headers=headers, reason="Fire.")

    refused(other.send("place-hold", headers=headers, reason="Fire."), 422, "idempotency_key_reused")
    assert other.case()["hold"] is None


def test_the_same_key_of_another_caller_is_another_key(service: Service) -> None:
    life, headers = a_life(service, "Registered"), keyed()
    standing: dict[str, Any] = {"good": True, "as_of": service.on(0)}
    life.send("record-standing", headers=headers, **standing)

    answer = life.send("record-standing", service.integration, headers=headers, **standing)

    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers
    assert life.case()["version"] == 3


def test_a_refused_request_keeps_its_key_for_when_it_is_possible(service: Service) -> None:
    life, headers = a_life(service, "ChampionNamed"), keyed()
    life.assess()
    refused(life.send("declare-sms", life.employer, headers=headers), 409, "not_now")
    life.record_training()

    assert life.send("declare-sms", life.employer, headers=headers).status_code == 200


def test_two_at_once_with_the_same_key_become_one_event(service: Service) -> None:
    life, headers = a_life(service, "Registered"), keyed()
    body = {"reason": "Fire."}

    def send(caller: Caller) -> httpx.Response:
        return caller.post(f"{life.path}/commands/place-hold", json=body, headers=headers)

    callers = [service.caller(service.staff.key) for _ in range(8)]
    with ThreadPoolExecutor(len(callers)) as at_once:
        answers = list(at_once.map(send, callers))

    granted = [answer for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer not in granted:
            refused(answer, 409, "request_in_progress")
            assert int(answer.headers["retry-after"]) > 0
    assert len({answer.content for answer in granted}) == 1
    assert [event["data"]["fact"].keys() for event in life.history()][1:] == [{"reason_id", "review_on"}]


def test_two_at_once_without_a_key_are_decided_one_after_the_other(service: Service) -> None:
    life = a_life(service, "Registered")
    callers = [service.caller(service.staff.key) for _ in range(4)]

    with ThreadPoolExecutor(len(callers)) as at_once:
        answers = list(at_once.map(lambda caller: life.send("place-hold", caller, reason="Fire."), callers))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {refused(a, 409)["code"] for a in answers if a.status_code == 409} == {"already_on_hold"}
    assert life.case()["version"] == 2


def test_one_account_registered_twice_at_once_has_one_case(service: Service) -> None:
    life = Life(service)
    callers = [service.caller(life.employer.key) for _ in range(4)]

    with ThreadPoolExecutor(len(callers)) as at_once:
        answers = list(at_once.map(lambda caller: caller.post("/v1/cases", json=life.registration()), callers))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (opened,) = [answer for answer in answers if answer.status_code == 201]
    assert {a.json()["existing"] for a in answers if a.status_code == 409} == {opened.headers["location"]}


def test_a_malformed_key_is_a_bad_header(service: Service) -> None:
    life = a_life(service, "Registered")

    for key in (b"", b"a b", b"x" * 256, b"\xc3\xa9"):
        answer = service.staff.post(
            f"{life.path}/commands/place-hold", json={"reason": "Fire."}, headers={b"Idempotency-Key": key}
        )
        refused(answer, 400, "bad_header")
    assert life.case()["hold"] is None
