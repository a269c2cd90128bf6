"""An access request: one answer with everything that is kept about one person, and nothing of others' data."""

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service

ADA = {"name": "Ada Championson", "email": "ada@championson.example", "phone": "604 555 0101"}


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    life = a_life(service, "Registered")
    life.do("name-champion", person=ADA, employment="owner")
    life.do("place-hold", reason="Championson's hand is broken.")
    life.do("release-hold")
    life.do("place-hold", reason="A fire in the kitchen.")
    life.do("extend-deadline", deadline="idle", due_on=service.on(900), reason="Ask 604 555 0101 in May.")
    return life


def test_an_export_holds_all_that_is_kept_about_somebody(service: Service, life: Life) -> None:
    case = life.case()
    person_id = case["champion"]["person_id"]
    service.staff.read(f"/v1/people/{person_id}")

    told = service.admin.post(f"/v1/people/{person_id}:export").json()

    assert told["person"] == {"person_id": person_id, "case_id": life.case_id, **ADA}
    assert (told["roles"], told["state"], told["legal_name"]) == (
        ["champion"], "ChampionNamed", case["employer"]["legal_name"],
    )  # fmt: skip
    assert [(one["type"], one["names"]) for one in told["events"]] == [("ChampionNamed", ["person_id"])]
    assert {text["text"] for text in told["texts"]} == {"Championson's hand is broken.", "Ask 604 555 0101 in May."}
    assert told["other_texts"] == [case["hold"]["reason_id"]]
    assert {(read["operation"], read["actor_id"]) for read in told["reads"]} == {
        ("export_person", "root"), ("read_person", "clerk"),
    }  # fmt: skip
    assert told["letters"] == f"/v1/reminders?recipient={person_id}"


def test_it_names_nobody_else(service: Service) -> None:
    life, bo = Life(service), somebody()
    opened = life.employer.post("/v1/cases", json=life.registration() | {"contact": bo})
    life.case_id = opened.json()["case"]["case_id"]
    ada = life.do("name-champion", person=ADA, employment="owner")["case"]["champion"]["person_id"]

    told = service.admin.post(f"/v1/people/{ada}:export").text

    assert ADA["email"] in told
    assert bo["email"] not in told
    assert bo["name"] not in told


def test_only_an_admin_exports_and_nobody_who_is_not_there(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    for role in ("staff", "qa_reviewer", "integration", "reader", "notifier"):
        refused(service.of_role(role).post(f"/v1/people/{person_id}:export"), 403, "forbidden")
    refused(life.employer.post(f"/v1/people/{person_id}:export"), 403, "forbidden")
    for unknown in ("00000000-0000-7000-8000-000000000000", "nonsense"):
        refused(service.admin.post(f"/v1/people/{unknown}:export"), 404, "not_found")
    service.admin.post(f"/v1/people/{person_id}:erase", json={"reason": "Asked to be."})
    refused(service.admin.post(f"/v1/people/{person_id}:export"), 410, "erased")
