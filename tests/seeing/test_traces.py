"""One can follow a letter: the command's trace, the reading of its event, and the letter's own, with all it asked."""

import threading
from pathlib import Path
from typing import Any

import pytest

from seeing.both import both
from seeing.receiver import Receiver, Span
from workflow.api.life import a_life, somebody
from workflow.api.service import Service

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
COMMAND = "POST /v1/cases/{case_id}/commands/name-champion"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a receiver was told of a case with a champion, and the case."""
    with Receiver() as receiver:
        with both(tmp_path_factory.mktemp("traced"), SECOR_OTLP_URL=receiver.url) as services:
            life = a_life(services.workflow, "Registered")
            traced = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
            life.send("name-champion", headers=traced, person=somebody("Bo"), employment="permanent")
            services.catch_up()
            case, history = life.case(), life.history()
        return {"spans": receiver.spans, "bodies": receiver.bodies, "case": case, "history": history}


def named(told: dict[str, Any], name: str) -> list[Span]:
    return [span for span in told["spans"] if span.name == name]


def test_a_command_goes_on_with_its_callers_trace_and_names_its_event(told: dict[str, Any]) -> None:
    [command] = named(told, COMMAND)
    event = told["history"][-1]

    assert (command.service, command.trace_id, command.parent_id) == ("secor-workflow", TRACE, CALLER)
    assert command.about["secor.case_id"] == told["case"]["case_id"]
    assert (command.about["secor.event_id"], command.about["secor.position"]) == (event["id"], event["position"])
    assert command.about["http.response.status_code"] == 200


def test_a_letter_names_the_event_that_it_is_about(told: dict[str, Any]) -> None:
    [command] = named(told, COMMAND)
    event_id = command.about["secor.event_id"]
    letters = [one for one in named(told, "letter") if one.about.get("secor.event_id") == event_id]

    assert letters
    assert {one.service for one in letters} == {"secor-notifier"}
    assert {one.about["secor.letter"] for one in letters} >= {"champion_welcome"}


def test_what_the_notifier_asked_for_a_letter_is_in_the_letters_trace(told: dict[str, Any]) -> None:
    """The workflow's own span of that question has the letter's as its parent."""
    letters = {one.span_id: one.trace_id for one in named(told, "letter")}
    asked = [one for one in told["spans"] if one.service == "secor-workflow" and one.parent_id in letters]

    assert {one.name for one in asked} >= {"GET /v1/cases/{case_id}", "GET /v1/people/{person_id}"}
    assert all(one.trace_id == letters[one.parent_id] for one in asked)


def test_the_reading_of_the_event_says_which_positions_it_took(told: dict[str, Any]) -> None:
    [command] = named(told, COMMAND)
    position = int(command.about["secor.position"])

    taken = [one.about for one in named(told, "take")]
    assert any(int(one["secor.first_position"]) <= position <= int(one["secor.last_position"]) for one in taken)


def test_no_trace_holds_personal_data_or_a_path(told: dict[str, Any]) -> None:
    said = b"".join(told["bodies"])

    assert b"/v1/cases/{case_id}" in said
    assert f"/v1/cases/{told['case']['case_id']}".encode() not in said
    assert b".example" not in said
    assert told["case"]["employer"]["legal_name"].encode() not in said


def test_without_a_place_for_them_no_traces_are_made_and_no_thread_waits_to_send_any(tmp_path: Path) -> None:
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}") as service:
        assert service.nobody.get("/livez").status_code == 200
        assert [one.name for one in threading.enumerate() if "Otel" in one.name] == []
