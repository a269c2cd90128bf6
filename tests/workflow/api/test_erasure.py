"""Erasing a person over HTTP: one event, in any state, once; who confirmed is told; nobody comes back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines

ASKED = {"reason": "They asked for it.", "requested_by": "authority"}


@pytest.fixture
def life(service: Service) -> Life:
    return a_life(service, "ChampionNamed")


def champion_of(life: Life) -> str:
    return str(life.case()["champion"]["person_id"])


def erasures(service: Service, person_id: str) -> list[dict[str, Any]]:
    """The events in the feed that tell of it."""
    found = service.reader.read("/v1/events", type="PersonErased", limit=1000)
    return [event for event in found if event["data"]["fact"]["person_id"] == person_id]


def test_an_erasure_is_one_event_in_the_feed_that_names_nobody(service: Service, life: Life) -> None:
    person_id, version = champion_of(life), life.case()["version"]

    answer = service.admin.post(f"/v1/people/{person_id}:erase", json=ASKED)

    assert answer.json()["still"] == ["champion"]
    (event,) = erasures(service, person_id)
    assert event["data"]["fact"] == {
        "person_id": person_id, "requested_by": "authority", "reason_id": event["data"]["fact"]["reason_id"],
    }  # fmt: skip
    assert event["caseversion"] == version + 1
    assert event["time"] == answer.json()["erased_at"]
    assert service.admin.read(f"/v1/texts/{event['data']['fact']['reason_id']}")["text"] == "They asked for it."


def test_somebody_of_a_closed_case_is_erased_and_nothing_becomes_due(service: Service, life: Life) -> None:
    person_id = champion_of(life)
    life.do("close", reason="inactive")

    assert service.admin.post(f"/v1/people/{person_id}:erase", json=ASKED).status_code == 200

    assert (life.case()["state"], life.case()["deadlines"]) == ("Closed", [])
    refused(service.staff.get(f"/v1/people/{person_id}"), 410, "erased")


def test_many_who_erase_somebody_at_once_write_one_event_and_get_one_answer(service: Service, life: Life) -> None:
    person_id = champion_of(life)

    def erase(_: int) -> dict[str, Any]:
        answer = service.caller(service.admin.key).post(f"/v1/people/{person_id}:erase", json=ASKED)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(erase, range(4)))

    assert all(answer == answers[0] for answer in answers)
    assert len(erasures(service, person_id)) == 1


def test_there_is_no_second_door(service: Service, life: Life) -> None:
    body = {"person_id": champion_of(life), "requested_by": "person", "reason": "They asked for it."}

    problem = refused(service.admin.post(f"{life.path}/commands/erase-person", json=body), 404, "not_found")

    assert "/v1/people/{person_id}:erase" in problem["detail"]


@pytest.mark.parametrize("body", [{"requested_by": "me"}, {"requested_by": None}, {"requested_by": 1}], ids=str)
def test_it_is_asked_on_somebody_s_behalf(service: Service, life: Life, body: dict[str, Any]) -> None:
    path = f"/v1/people/{champion_of(life)}"
    refused(service.admin.post(f"{path}:erase", json=ASKED | body), 422, "invalid_request")
    assert service.admin.get(path).status_code == 200


def test_how_an_erasure_stands_and_who_confirms_is_told(service: Service, life: Life) -> None:
    person_id = champion_of(life)
    path = f"/v1/people/{person_id}/erasure"
    refused(service.admin.get(path), 404, "not_found")
    refused(service.notifier.post(f"{path}/confirmations", json={"consumer": "notifier"}), 404, "not_found")
    service.admin.post(f"/v1/people/{person_id}:erase", json=ASKED)

    before = service.staff.read(path)
    service.notifier.post(f"{path}/confirmations", json={"consumer": "notifier"})
    service.live_through(1)
    service.integration.post(f"{path}/confirmations", json={"consumer": "warehouse"})
    again = service.notifier.post(f"{path}/confirmations", json={"consumer": "notifier"})

    assert (before["erased_by"], before["requested_by"]) == ("root", "authority")
    assert (before["confirmed"], before["expected"]) == ([], ["notifier"])
    assert before["forgotten_at"] is not None
    after = service.admin.read(path)
    assert again.json() == after
    assert [(one["consumer"], one["confirmed_by"]) for one in after["confirmed"]] == [
        ("notifier", "postman"), ("warehouse", "training-provider"),
    ]  # fmt: skip
    assert after["confirmed"][0]["confirmed_at"] < after["confirmed"][1]["confirmed_at"]
    assert after["expected"] == []


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "reader", "admin"])
def test_only_who_keeps_something_confirms(service: Service, life: Life, role: str) -> None:
    path = f"/v1/people/{champion_of(life)}/erasure/confirmations"
    refused(service.of_role(role).post(path, json={"consumer": "notifier"}), 403, "forbidden")


def test_nobody_confirms_in_the_notifier_s_name(service: Service, life: Life) -> None:
    """Else the record would say that the letters' copies are gone while they are not."""
    path = f"/v1/people/{champion_of(life)}"
    service.admin.post(f"{path}:erase", json=ASKED)

    for caller, consumer in ((service.integration, "notifier"), (service.notifier, "warehouse")):
        answer = caller.post(f"{path}/erasure/confirmations", json={"consumer": consumer})
        assert refused(answer, 422, "invalid_request")["errors"][0]["pointer"] == "/consumer"

    assert service.admin.read(f"{path}/erasure")["expected"] == ["notifier"]


def test_a_wish_that_comes_with_the_erasure_names_somebody_new_or_not_at_all(service: Service, life: Life) -> None:
    """Whichever is first: the row of who was erased stays empty."""
    ada = somebody()
    for _ in range(3):
        gone = life.do("update-employer", contact=ada)["case"]["contact_id"]
        with ThreadPoolExecutor(2) as pool:
            erased = pool.submit(service.admin.post, f"/v1/people/{gone}:erase", json=ASKED)
            named = pool.submit(life.send, "update-employer", contact=ada)
        assert erased.result().status_code == 200
        assert named.result().status_code == 200
        refused(service.staff.get(f"/v1/people/{gone}"), 410, "erased")


def test_who_asks_with_an_address_is_found_in_every_case(service: Service, life: Life) -> None:
    ada, other = somebody(), a_life(service, "Registered")
    here = life.do("update-employer", contact=ada)["case"]["contact_id"]
    there = other.do("name-champion", person=ada | {"email": ada["email"].upper()}, employment="owner")["case"]

    found = service.admin.post("/v1/people:find", json={"email": ada["email"]}).json()["items"]

    assert {(one["person_id"], one["case_id"], one["state"], *one["roles"]) for one in found} == {
        (here, life.case_id, "ChampionNamed", "contact"),
        (there["champion"]["person_id"], other.case_id, "ChampionNamed", "champion"),
    }
    service.admin.post(f"/v1/people/{here}:erase", json=ASKED)
    (left,) = service.admin.post("/v1/people:find", json={"email": ada["email"]}).json()["items"]
    assert left["case_id"] == other.case_id


def test_only_an_admin_finds_people_and_only_by_an_address(service: Service) -> None:
    refused(service.staff.post("/v1/people:find", json={"email": "robin@example.com"}), 403, "forbidden")
    for body in ({}, {"email": "robin"}, {"email": "robin@example.com", "name": "Robin"}, {"email": ["a@b.ca"]}):
        refused(service.admin.post("/v1/people:find", json=body), 422, "invalid_request")
    assert service.admin.post("/v1/people:find", json={"email": "no.one@example.com"}).json() == {"items": []}
