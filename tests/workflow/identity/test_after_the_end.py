"""What an employer's key opens once its case is closed, or its people are erased: all that is still its own."""

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service


@pytest.fixture
def closed(service: Service) -> Life:
    life = a_life(service, "ChampionNamed")
    life.close()
    return life


def erase_everybody(life: Life) -> None:
    """Contact and champion."""
    case = life.case()
    for person_id in (case["contact_id"], case["champion"]["person_id"]):
        path = f"/v1/people/{person_id}:erase"
        assert life.service.admin.post(path, json={"reason": "Asked."}).status_code == 200


def test_the_key_of_a_closed_case_reads_it_and_changes_nothing(closed: Life) -> None:
    assert closed.employer.read(closed.path)["state"] == "Closed"
    assert closed.employer.read(closed.path)["allowed_commands"] == []
    assert closed.employer.read(f"{closed.path}/events")["items"]
    assert closed.employer.read(f"/v1/people/{closed.case()['contact_id']}")["name"]

    told = refused(closed.send("withdraw", closed.employer, reason="Sold."), 409, "not_now")

    assert told["state"] == "Closed"
    assert "Closed" in told["detail"]


def test_the_key_of_a_closed_case_registers_the_employer_again(closed: Life) -> None:
    before = closed.case_id

    closed.register()

    assert closed.case_id != before
    assert {item["case_id"] for item in closed.employer.read("/v1/cases")["items"]} == {before, closed.case_id}


def test_erasing_an_employers_people_takes_no_key_from_the_employer(service: Service) -> None:
    """The key is the employer's, not a person's: it names somebody else, and its case goes on."""
    life = a_life(service, "ChampionNamed")
    contact = life.case()["contact_id"]

    erase_everybody(life)

    assert life.employer.read(life.path)["state"] == "ChampionNamed"
    refused(life.employer.get(f"/v1/people/{contact}"), 410, "erased")
    assert life.do("update-employer", life.employer, contact=somebody("New"))["case"]["contact_id"] != contact
    assert life.do("replace-champion", life.employer, person=somebody(), employment="owner", reason="Gone.")


def test_in_a_closed_case_whose_people_are_erased_the_key_still_reads_what_is_left(closed: Life) -> None:
    erase_everybody(closed)

    assert closed.employer.read(closed.path)["state"] == "Closed"
    refused(closed.employer.get(f"/v1/people/{closed.case()['contact_id']}"), 410, "erased")
    refused(closed.send("update-employer", closed.employer, contact=somebody()), 409, "not_now")


def test_a_revoked_key_opens_nothing_whatever_became_of_the_case(closed: Life) -> None:
    key_id = closed.employer.read("/v1/me")["key_id"]

    assert closed.service.admin.delete(f"/v1/keys/{key_id}").status_code == 204

    refused(closed.employer.get(closed.path), 401, "unauthenticated")
