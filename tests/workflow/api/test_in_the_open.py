"""Nobody's address or phone number gets into the log, whichever field of whichever command it is written into."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from workflow.api.bodies import BODIES
from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service

BESIDE = {"person", "contact", "reason", "text", "words"}
"""What is kept beside the log, and may name people."""
FREE = {"/legal_name", "/trade_name", "/scope", "/name", "/city", "/certificate_number"}
WHOLE = {
    **{command: body for command, body in BODIES.items() if command != "erase-person"},
    "file-notice": BODIES["file-notice"] | {"scope": "All"},
    "amend-notice": BODIES["amend-notice"] | {"scope": "All"},
    "record-training": BODIES["record-training"] | {"certificate_number": "1"},
}


def written_over(part: Any, text: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (any JSON)
    """The body once for each of its strings, with that one replaced, and where it stands."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        if key in BESIDE:
            continue
        inner = [("", text)] if isinstance(value, str) else written_over(value, text)
        for place, changed in inner:
            copy = json.loads(json.dumps(part))
            copy[key] = changed
            yield f"/{key}{place}", copy


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


@pytest.mark.parametrize("command", WHOLE)
def test_no_field_of_a_command_takes_an_address_into_the_log(service: Service, life: Life, command: str) -> None:
    for text in ("Ask robin@example.com", "604-555-0142"):
        for place, body in written_over(WHOLE[command], text):
            problem = refused(life.send(command, **body), 422)
            free = "/" + place.rpartition("/")[2] in FREE
            assert problem["code"] in ({"personal_data"} if free else {"personal_data", "invalid_request"}), place
            if problem["code"] == "personal_data":
                assert text not in json.dumps(problem)
                assert [error["pointer"] for error in problem["errors"]] == [place]


def test_a_registration_neither_and_is_told_where_it_belongs(service: Service) -> None:
    body = Life(service).registration()
    body["employer"] |= {"legal_name": "Blue Heron Inn, 604-555-0142"}

    problem = refused(service.staff.post("/v1/cases", json=body), 422, "personal_data")

    assert problem["errors"][0]["pointer"] == "/employer/legal_name"
    assert "a phone number" in problem["detail"]
    assert "as the contact or the champion, or in a reason" in problem["detail"]
    assert "604" not in problem["detail"]


def test_an_idempotency_key_is_kept_for_ever_too(service: Service, life: Life) -> None:
    answer = life.send("place-hold", headers={"Idempotency-Key": "for-robin@example.com"}, reason="A fire.")

    refused(answer, 400, "bad_header")


def test_beside_the_log_people_may_be_named_and_reached(life: Life) -> None:
    named = life.do("update-employer", contact=somebody() | {"name": "Robin (604-555-0142)"})
    held = life.do("place-hold", reason="Robin, robin@example.com, 604-555-0142, is ill.")

    assert named["case"]["contact_id"]
    assert held["case"]["hold"]["reason_id"]
