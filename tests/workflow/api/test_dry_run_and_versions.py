"""A wish may be tried without being granted, and may be bound to the version of the case that its sender knows."""

from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


def tried(life: Life, command: str, **body: Any) -> Any:  # noqa: ANN401 (whatever JSON says)
    answer = life.service.staff.post(f"{life.path}/commands/{command}", params={"dry_run": True}, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def without_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, but for ids, times and its place in the log."""
    event = {k: v for k, v in answer["event"].items() if k not in {"id", "commandid", "time", "position"}}
    return {"event": event, "case": {k: v for k, v in answer["case"].items() if k != "position"}}


def test_a_dry_run_answers_as_the_command_would_and_writes_nothing(life: Life) -> None:
    before, head = life.case(), life.service.reader.get("/v1/events").headers["next-cursor"]
    standing: dict[str, Any] = {"good": False, "as_of": life.service.on(0)}

    answer = tried(life, "record-standing", **standing)

    assert answer["event"]["position"] is None
    assert life.case() == before
    assert life.service.reader.get("/v1/events").headers["next-cursor"] == head
    assert without_ids(life.do("record-standing", **standing)) == without_ids(answer)


def test_a_dry_run_of_a_registration_keeps_neither_case_nor_person(service: Service) -> None:
    life = Life(service)

    answer = life.employer.post("/v1/cases", params={"dry_run": "true"}, json=life.registration())

    assert answer.status_code == 200
    assert "location" not in answer.headers
    refused(service.staff.get(f"/v1/cases/{answer.json()['case']['case_id']}"), 404)
    refused(service.staff.get(f"/v1/people/{answer.json()['case']['contact_id']}"), 404)
    assert life.employer.read("/v1/cases")["items"] == []


def test_a_dry_run_is_refused_as_the_command_would_be(life: Life) -> None:
    answer = life.service.staff.post(f"{life.path}/commands/declare-sms", params={"dry_run": True}, json={})

    problem = refused(answer, 409)

    assert problem == refused(life.send("declare-sms"), 409) | {"request_id": problem["request_id"]}


def test_a_dry_run_does_not_use_up_its_idempotency_key(life: Life) -> None:
    headers, path = {"Idempotency-Key": "tried-first"}, f"{life.path}/commands/record-standing"
    body = {"good": True, "as_of": life.service.on(0)}
    life.service.staff.post(path, params={"dry_run": True}, json=body, headers=headers)

    answer = life.service.staff.post(path, json=body, headers=headers)

    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers


def test_a_command_bound_to_the_present_version_is_granted(life: Life) -> None:
    etag = life.service.staff.get(life.path).headers["etag"]

    answer = life.send("record-standing", headers={"If-Match": etag}, good=True, as_of=life.service.on(0))

    assert answer.headers["etag"] == f'"{int(etag.strip(chr(34))) + 1}"'


def test_a_command_bound_to_a_version_gone_by_is_told_what_happened_since(service: Service) -> None:
    life = a_life(service, "ChampionNamed")
    life.record_training()

    problem = refused(life.send("place-hold", headers={"If-Match": '"1"'}, reason="Fire."), 412, "stale_version")

    assert problem["version"] == 3
    assert problem["since"] == life.history()[1:]
    assert [event["type"] for event in problem["since"]] == [
        "ca.go2hr.secor.ChampionNamed.v1",
        "ca.go2hr.secor.TrainingCompleted.v1",
    ]
    assert life.case()["hold"] is None


def test_a_version_that_has_not_come_yet_is_stale_too(life: Life) -> None:
    problem = refused(life.send("declare-sms", headers={"If-Match": '"999"'}), 412, "stale_version")

    assert problem["since"] == []


def test_the_version_is_checked_before_the_machine_is_asked(life: Life) -> None:
    refused(life.send("decide-qa", headers={"If-Match": '"999"'}), 412)


def test_any_version_will_do_for_a_star(life: Life) -> None:
    assert life.send("update-employer", headers={"If-Match": "*"}, contact=somebody("Zoe")).status_code == 200


@pytest.mark.parametrize("tag", ["1", 'W/"1"', '"one"', '"1", "2"', '""', '"-1"', '"99999999999999999999"', "", "x"])
def test_a_malformed_if_match_is_a_bad_header(life: Life, tag: str) -> None:
    refused(life.send("declare-sms", headers={"If-Match": tag}), 400, "bad_header")


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"0", "{}"', "*"])
def test_who_already_has_the_case_is_told_so(life: Life, form: str) -> None:
    version = life.case()["version"]

    answer = life.service.staff.get(life.path, headers={"If-None-Match": form.format(version)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{version}"'


def test_who_has_an_older_case_gets_the_newer(life: Life) -> None:
    assert life.service.staff.get(life.path, headers={"If-None-Match": '"0"'}).status_code == 200
