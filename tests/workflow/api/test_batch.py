"""Many commands in one request: each line has its own outcome, as if it had been sent alone."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from feed.processes import eventually
from workflow.api.caller import Caller, is_a_whole_problem, refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service, on_both_engines

PATH = "/v1/commands:batch"
NDJSON = "application/x-ndjson"


def send(caller: Caller, *lines: dict[str, Any] | bytes, **headers: str) -> httpx.Response:
    content = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return caller.post(PATH, content=content, headers={"Content-Type": NDJSON, **headers})


def outcomes(answer: httpx.Response) -> list[dict[str, Any]]:
    """A line for each line, in order; those that are problems are whole ones."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    told: list[dict[str, Any]] = [json.loads(line) for line in answer.text.splitlines()]
    for one in told:
        assert ("event" in one) is (one["status"] < 300), one
        if "problem" in one:
            is_a_whole_problem(one["problem"], one["status"], answer.headers["x-request-id"])
    return told


def statuses(answer: httpx.Response) -> list[int]:
    return [one["status"] for one in outcomes(answer)]


def line(life: Life, command: str, /, key: str | None = None, **body: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    named = {"idempotency_key": key} if key else {}
    return {"command": command, "case_id": life.case_id, "body": body, **named}


def registration(life: Life, key: str | None = None) -> dict[str, Any]:
    named = {"idempotency_key": key} if key else {}
    return {"command": "register-employer", "body": life.registration(), **named}


@on_both_engines
def test_commands_of_many_cases_are_answered_in_their_order(service: Service) -> None:
    new, other, third = Life(service), a_life(service, "Registered"), a_life(service, "Registered")

    told = outcomes(
        send(
            service.staff,
            registration(new),
            line(other, "place-hold", reason="Fire."),
            line(third, "record-standing", good=True, as_of=service.on(0)),
        )
    )

    assert [one["line"] for one in told] == [1, 2, 3]
    assert [one["status"] for one in told] == [201, 200, 200]
    types = [one["event"]["type"] for one in told]
    assert types == [f"ca.go2hr.secor.{name}.v1" for name in ("EmployerRegistered", "CaseHeld", "StandingRecorded")]
    written = {json.dumps(event, sort_keys=True) for event in [*other.history(), *third.history()]}
    assert {json.dumps(one["event"], sort_keys=True) for one in told[1:]} <= written


@on_both_engines
def test_lines_of_one_case_are_done_in_their_order(service: Service) -> None:
    life = a_life(service, "Registered")
    hold, release = line(life, "place-hold", reason="Fire."), line(life, "release-hold")

    told = outcomes(send(service.staff, *[hold, release] * 5, release))

    assert [one["status"] for one in told] == [200] * 10 + [409]
    assert told[-1]["problem"]["code"] == "not_on_hold"
    assert [event["caseversion"] for event in life.history()] == list(range(1, 12))


def test_a_wrong_line_stops_none_of_the_others(service: Service) -> None:
    life = a_life(service, "Registered")
    right = line(life, "record-standing", good=True, as_of=service.on(0))
    wrong: list[tuple[dict[str, Any] | bytes, int, str, str | None]] = [
        (b"{", 400, "malformed_json", None),
        (b'{"command": "\\ud800"}', 400, "malformed_json", None),
        (b"[]", 422, "invalid_request", ""),
        (b"\xff", 400, "malformed_json", None),
        ({}, 422, "invalid_request", "/command"),
        (right | {"body": {"good": "yes", "as_of": service.on(0)}}, 422, "invalid_request", "/body/good"),
        (right | {"body": {}}, 422, "invalid_request", "/body/good"),
        (right | {"colour": "blue"}, 422, "invalid_request", "/colour"),
        (right | {"case_id": "that one"}, 422, "invalid_request", "/case_id"),
        (right | {"case_id": None}, 422, "invalid_request", "/case_id"),
        (registration(Life(service)) | {"case_id": life.case_id}, 422, "invalid_request", "/case_id"),
        (right | {"idempotency_key": "two words"}, 422, "invalid_request", "/idempotency_key"),
        (right | {"idempotency_key": "robin@example.com"}, 422, "personal_data", "/idempotency_key"),
        (right | {"if_match": 7}, 412, "stale_version", None),
        (right | {"command": "sing"}, 404, "not_found", None),
        (right | {"command": "add-document"}, 404, "not_found", None),
        (right | {"command": "erase-person"}, 404, "not_found", None),
        (right | {"command": "lapse-training"}, 403, "role_not_allowed", None),
        (right | {"case_id": str(uuid4())}, 404, "not_found", None),
        (line(life, "release-hold"), 409, "not_on_hold", None),
    ]

    told = outcomes(send(service.staff, right, *(one for one, *_ in wrong), right))

    assert [told[0]["status"], told[-1]["status"]] == [200, 200]
    for one, (sent, status, code, pointer) in zip(told[1:-1], wrong, strict=True):
        assert (one["status"], one["problem"]["code"]) == (status, code), sent
        assert pointer is None or next(error["pointer"] for error in one["problem"]["errors"]) == pointer, sent
    assert life.case()["version"] == 3


def test_what_is_refused_in_a_line_is_on_record(service: Service) -> None:
    life = a_life(service, "Registered")

    assert statuses(send(service.reader, line(life, "place-hold", reason="Fire."))) == [403]

    [refusal] = service.admin.read("/v1/refusals", case_id=life.case_id)["items"]
    assert (refusal["operation"], refusal["code"], refusal["role"]) == ("send_batch", "role_not_allowed", "reader")


def test_an_employer_reaches_its_own_case_alone(service: Service) -> None:
    life, other, nobody = a_life(service, "Registered"), a_life(service, "Registered"), Life(service)
    fire: dict[str, Any] = {"person": {"name": "Al", "email": "al@example.org"}, "employment": "owner"}

    told = outcomes(
        send(
            life.employer,
            line(other, "name-champion", **fire),
            line(life, "name-champion", **fire),
            registration(nobody),
        )
    )

    assert [one["status"] for one in told] == [404, 200, 403]
    nowhere = outcomes(send(life.employer, line(other, "name-champion", **fire) | {"case_id": str(uuid4())}))
    assert told[0]["problem"]["detail"] == nowhere[0]["problem"]["detail"]
    assert other.case()["version"] == 1


@on_both_engines
def test_the_same_batch_again_writes_nothing_again(service: Service) -> None:
    life, new = a_life(service, "Registered"), Life(service)
    lines = [line(life, "place-hold", str(uuid4()), reason="Fire."), registration(new, str(uuid4()))]
    first = outcomes(send(service.staff, *lines))

    again = outcomes(send(service.staff, *lines))

    assert [one | {"replayed": True} for one in first] == again
    assert life.case()["version"] == 2


def test_a_key_is_the_same_key_alone_and_in_a_batch(service: Service) -> None:
    life, key = a_life(service, "Registered"), str(uuid4())
    alone = life.send("place-hold", headers={"Idempotency-Key": key}, reason="Fire.")

    same, other = (
        outcomes(send(service.staff, line(life, "place-hold", key, reason="Fire.")))[0],
        outcomes(send(service.staff, line(life, "place-hold", key, reason="Flood.")))[0],
    )

    assert (same["replayed"], same["event"]) == (True, alone.json()["event"])
    assert (other["status"], other["problem"]["code"]) == (422, "idempotency_key_reused")


def test_a_line_is_sent_again_alone_however_its_json_is_spaced(service: Service) -> None:
    life, key = a_life(service, "Registered"), str(uuid4())
    first = outcomes(send(service.staff, line(life, "place-hold", key, reason="Fire.")))[0]
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}

    same, other = (
        service.staff.post(f"{life.path}/commands/place-hold", content=body, headers=headers)
        for body in ('{ "reason" : "Fire." }', '{ "reason" : "Flood." }')
    )

    assert (same.headers["idempotency-replayed"], same.json()["event"]) == ("true", first["event"])
    assert refused(other, 422, "idempotency_key_reused")


def test_a_key_that_stands_twice_in_a_batch_is_done_once(service: Service) -> None:
    life, other, new, key = a_life(service, "Registered"), a_life(service, "Registered"), Life(service), str(uuid4())
    hold, register = line(life, "place-hold", key, reason="Fire."), registration(new, str(uuid4()))

    told = outcomes(send(service.staff, hold, register, hold, register, hold | {"case_id": other.case_id}))

    assert [one["status"] for one in told] == [200, 201, 200, 201, 422]
    assert [one.get("replayed", False) for one in told] == [False, False, True, True, False]
    assert told[2]["event"] == told[0]["event"]
    assert (life.case()["version"], other.case()["version"]) == (2, 1)


@on_both_engines
def test_two_lines_that_open_a_case_of_one_account_open_it_once(service: Service) -> None:
    line_ = registration(Life(service))

    told = outcomes(send(service.staff, *[registration(Life(service)) for _ in range(120)], line_, line_))

    assert [one["status"] for one in told] == [*[201] * 121, 409]
    assert told[-1]["problem"]["code"] == "case_exists"
    positions = [one["event"]["position"] for one in told[:-1]]
    assert sorted(positions) == list(range(min(positions), min(positions) + 121))


def test_a_dry_run_writes_nothing(service: Service) -> None:
    life, new = a_life(service, "Registered"), Life(service)
    hold = line(life, "place-hold", reason="Fire.")

    told = outcomes(send(service.staff, hold | {"dry_run": True}, hold, registration(new) | {"dry_run": True}))

    assert [one["status"] for one in told] == [200, 200, 200]
    assert [one["event"]["position"] is None for one in told] == [True, False, True]
    assert life.case()["version"] == 2


def test_a_thousand_lines_are_taken_and_one_more_is_too_many(service: Service) -> None:
    life = a_life(service, "Registered")
    hold = line(life, "place-hold", reason="Fire.") | {"dry_run": True}

    assert statuses(send(service.staff, *[hold] * 1000)) == [200] * 1000
    refused(send(service.staff, *[hold] * 1001), 413, "body_too_large")


def test_empty_lines_count_but_say_nothing(service: Service) -> None:
    life = a_life(service, "Registered")

    told = outcomes(send(service.staff, b"", line(life, "place-hold", reason="Fire."), b"  ", b"{", b""))

    assert [(one["line"], one["status"]) for one in told] == [(2, 200), (4, 400)]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 422, "invalid_request"),
        (b" \n\n", {}, 422, "invalid_request"),
        (b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
        (b"{}", {"Idempotency-Key": "mine"}, 400, "bad_header"),
        (b"{}", {"If-Match": '"3"'}, 400, "bad_header"),
        (b"{}\n" + b" " * 2**23, {}, 413, "body_too_large"),
    ],
    ids=["nothing", "empty lines", "plain json", "a key", "a version", "too long"],
)
def test_a_batch_that_is_none_is_refused_whole(
    service: Service, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    refused(service.staff.post(PATH, content=content, headers={"Content-Type": NDJSON} | headers), status, code)


def test_each_line_counts_against_the_callers_limit(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('limited') / 'w.db'}", rate_per_caller=20) as limited:
        life = a_life(limited, "Registered")
        hold = line(life, "place-hold", reason="Fire.") | {"dry_run": True}

        assert statuses(send(limited.reviewer, *[hold] * 20)) == [403] * 20
        refused(send(limited.reviewer, hold), 429, "too_many_requests")


def test_a_client_that_goes_away_after_sending_has_its_lines_done(service: Service) -> None:
    life = a_life(service, "Registered")
    body = json.dumps(line(life, "place-hold", reason="Fire.")).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.staff.key}\r\n"
        f"Content-Type: {NDJSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    host, port = service.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port))) as line_:
        line_.sendall(head.encode() + body)
        line_.shutdown(socket.SHUT_WR)

    eventually(lambda: life.case()["version"] == 2)


def test_a_client_that_goes_away_while_sending_has_nothing_done(service: Service) -> None:
    life = a_life(service, "Registered")
    body = json.dumps(line(life, "place-hold", reason="Fire.")).encode() + b"\n"
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.staff.key}\r\n"
        f"Content-Type: {NDJSON}\r\nContent-Length: {len(body) + 10}\r\n\r\n"
    )
    host, port = service.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port))) as line_:
        line_.sendall(head.encode() + body)
    marker = a_life(service, "Registered")  # what was asked later is done by now

    assert marker.case()["version"] == 1
    assert life.case()["version"] == 1


def test_others_are_answered_while_a_large_batch_is_read(service: Service) -> None:
    """Its lines are full of text that is looked through for addresses: one caller must not hold up all others."""
    life = a_life(service, "Registered")
    sites = [{"name": "a" * 200, "city": "b" * 200}] * 50
    wish = life.notice() | {"sites": sites}
    answered, over = [], Event()

    def look() -> None:
        while not over.is_set():
            answered.append(service.nobody.get("/livez").status_code)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(look)
        answer = send(service.staff, *[line(life, "file-notice", **wish)] * 50)
        over.set()

    assert statuses(answer) == [409] * 50
    assert len(answered) > 10
