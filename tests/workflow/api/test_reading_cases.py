"""Reading one case as it is or was, and its history; a read can be asked to be as fresh as a write."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "SMSDeveloped")


def test_a_case_can_be_seen_at_each_of_its_versions(life: Life) -> None:
    states = [event["data"]["state"] for event in life.history()]

    seen = [life.case(version=version) for version in range(1, len(states) + 1)]

    assert [case["state"] for case in seen] == states
    assert [case["version"] for case in seen] == list(range(1, len(states) + 1))
    assert all(case["allowed_commands"] == [] for case in seen[:-1])
    assert seen[-1] == life.case()


def test_the_etag_of_a_case_in_the_past_is_that_versions(life: Life) -> None:
    assert life.service.staff.get(life.path, params={"version": 2}).headers["etag"] == '"2"'


def test_a_case_can_be_seen_at_the_instant_of_each_event_and_a_moment_before(life: Life) -> None:
    for event in life.history():
        recorded_at = datetime.fromisoformat(event["time"])
        assert life.case(as_of=event["time"])["version"] == event["caseversion"]
        if event["caseversion"] > 1:
            before = (recorded_at - timedelta(microseconds=1)).isoformat()
            assert life.case(as_of=before)["version"] == event["caseversion"] - 1


def test_an_instant_may_be_given_in_any_zone(life: Life) -> None:
    second = datetime.fromisoformat(life.history()[1]["time"])

    assert life.case(as_of=second.isoformat().replace("+00:00", "Z"))["version"] == 2
    assert life.case(as_of=(second + timedelta(hours=5)).replace(tzinfo=None).isoformat() + "+05:00")["version"] == 2


@pytest.mark.parametrize("then", ["2001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"])
def test_before_its_registration_there_was_no_case(life: Life, then: str) -> None:
    refused(life.service.staff.get(life.path, params={"as_of": then}), 404, "not_found")


@pytest.mark.parametrize("then", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"])
def test_as_of_the_end_of_all_days_the_case_is_as_it_is_now(life: Life, then: str) -> None:
    assert life.case(as_of=then) == life.case()


def test_a_version_that_has_not_come_yet_is_not_found(life: Life) -> None:
    refused(life.service.staff.get(life.path, params={"version": life.case()["version"] + 1}), 404)


@pytest.mark.parametrize(
    "query",
    [
        {"as_of": "yesterday"}, {"as_of": "2026-01-01"}, {"as_of": "2026-01-01T00:00:00"}, {"version": 0},
        {"version": -1}, {"version": "x"}, {"version": 2**70}, {"min_position": -1}, {"min_position": 2**70},
        {"nonsense": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_parameter_is_named(life: Life, query: dict[str, str | int]) -> None:
    problem = refused(life.service.staff.get(life.path, params=query), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}" for name in query]


def test_a_read_that_is_fresh_enough_is_answered_at_once(life: Life) -> None:
    assert life.case(min_position=life.case()["position"]) == life.case()


def test_a_read_waits_until_the_log_has_come_so_far(life: Life, service: Service) -> None:
    head = int(service.reader.get("/v1/events").headers["next-cursor"].rpartition(".")[2])

    with ThreadPoolExecutor(1) as meanwhile:
        reading = meanwhile.submit(service.caller(service.staff.key).read, life.path, min_position=head + 1)
        assert not reading.done()
        moved = life.do("record-standing", good=True, as_of=service.on(0))

        assert reading.result(timeout=5)["position"] == moved["event"]["position"] == head + 1


def test_a_read_that_would_wait_too_long_is_told_to_come_again(life: Life) -> None:
    began = time.monotonic()

    refused(life.service.staff.get(life.path, params={"min_position": 10**9}), 503, "not_there_yet")

    assert 1.9 < time.monotonic() - began < 6


def test_the_history_is_every_event_as_the_feed_gives_it(life: Life, service: Service) -> None:
    history = life.history()

    assert history == service.reader.read("/v1/events", case_id=life.case_id)
    assert [event["caseversion"] for event in history] == list(range(1, len(history) + 1))
    assert all(datetime.fromisoformat(event["time"]).utcoffset() == UTC.utcoffset(None) for event in history)


@pytest.mark.parametrize("path", ["", "/events", "/commands", "/worksafebc-package"])
@pytest.mark.parametrize("case_id", ["00000000-0000-7000-8000-000000000000", "nonsense", "1", "%00", "%F0%9F%8F%A0"])
def test_what_is_no_case_is_not_found(service: Service, case_id: str, path: str) -> None:
    refused(service.staff.get(f"/v1/cases/{case_id}{path}"), 404, "not_found")
