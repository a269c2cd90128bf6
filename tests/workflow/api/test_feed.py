"""The feed as pages of JSON: complete, in order, with no gap; filtered or not, it moves on; it waits for news."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from workflow.api.caller import refused
from workflow.api.life import STATES, Life, a_life
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines


@pytest.fixture(scope="module")
def lives(service: Service) -> list[Life]:
    """A case in each state, so that there is something to read."""
    return [a_life(service, state) for state in STATES]


def page(service: Service, **query: Any) -> httpx.Response:  # noqa: ANN401 (whatever a query holds)
    answer = service.reader.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def everything(service: Service, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (whatever a query holds)
    """All events, read page by page until the cursor moves no more."""
    events, after = [], ""
    while True:
        answer = page(service, **query, **({"after": after} if after else {}))
        events += answer.json()
        if answer.headers["next-cursor"] == after:
            return events
        after = answer.headers["next-cursor"]


def head(service: Service) -> str:
    """The cursor at the end of the log."""
    return str(page(service, limit=1000).headers["next-cursor"])


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_of_any_length_hold_every_event_once_and_in_order(
    service: Service, lives: list[Life], limit: int
) -> None:
    events = everything(service, limit=limit)

    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert {event["subject"] for event in events} >= {life.case_id for life in lives}


def test_an_event_is_a_cloudevent(service: Service, lives: list[Life]) -> None:
    assert page(service).headers["content-type"] == "application/cloudevents-batch+json"
    for event in everything(service, limit=1000):
        name = event["type"].removeprefix("ca.go2hr.secor.").removesuffix(".v1")
        assert event["specversion"] == "1.0"
        assert event["source"] == "/secor/workflow"
        assert event["datacontenttype"] == "application/json"
        assert event["dataschema"] == f"/schemas/{name}.v1.json"
        assert event["policyversion"] == "2026-01-01"
        assert event["actor"]
        assert event["actorrole"]
        assert event["commandid"]
        assert event["data"].keys() == {"effective_on", "state", "fact", "deadlines"}


def test_an_event_never_changes_between_readings(service: Service, lives: list[Life]) -> None:
    assert page(service, limit=50).content == page(service, limit=50).content


def test_link_leads_on_with_the_same_filter(service: Service, lives: list[Life]) -> None:
    answer = page(service, type="EmployerRegistered", limit=3)

    following = service.reader.get(answer.links["next"]["url"])

    assert {event["type"] for event in following.json()} == {"ca.go2hr.secor.EmployerRegistered.v1"}
    assert len(following.json()) == 3
    assert following.json()[0]["position"] > answer.json()[-1]["position"]


def test_one_cases_events_are_its_history(service: Service, lives: list[Life]) -> None:
    for life in lives:
        assert everything(service, case_id=life.case_id, limit=2) == life.history()


def test_types_may_be_named_short_or_whole_and_several(service: Service, lives: list[Life]) -> None:
    whole = "ca.go2hr.secor.ChampionNamed.v1"
    expected = [e for e in everything(service, limit=1000) if e["type"].split(".")[-2] in {"CaseClosed", "QAFailed"}]

    assert everything(service, type=["CaseClosed", "QAFailed"], limit=2) == expected
    assert everything(service, type=whole) == everything(service, type="ChampionNamed") != []


def test_the_cursor_moves_on_to_the_head_when_everything_was_filtered_out(service: Service, lives: list[Life]) -> None:
    answer = page(service, case_id=uuid4(), limit=1)

    assert answer.json() == []
    assert answer.headers["next-cursor"] == head(service)


def test_at_the_head_a_page_is_empty_and_its_cursor_the_same(service: Service, lives: list[Life]) -> None:
    answer = page(service, after=head(service))

    assert (answer.json(), answer.headers["next-cursor"]) == ([], head(service))


def test_who_waits_at_the_head_hears_of_an_event_at_once(service: Service, lives: list[Life]) -> None:
    after, listener = head(service), service.caller(service.reader.key)

    with ThreadPoolExecutor(1) as meanwhile:
        listening = meanwhile.submit(listener.get, "/v1/events", params={"after": after, "wait": 2})
        time.sleep(0.3)  # the listener is waiting by now; should it not be, it hears of the event all the same
        assert not listening.done()
        sent = lives[0].do("record-standing", good=True, as_of=service.on(0))["event"]
        told = time.monotonic()

        assert listening.result(timeout=5).json() == [sent]
        assert time.monotonic() - told < 1


def test_who_waits_for_one_case_is_not_given_anothers(service: Service, lives: list[Life]) -> None:
    after, listener = head(service), service.caller(service.reader.key)
    query: dict[str, str | int] = {"after": after, "wait": 2, "case_id": lives[1].case_id}

    with ThreadPoolExecutor(1) as meanwhile:
        listening = meanwhile.submit(listener.get, "/v1/events", params=query)
        lives[0].do("record-standing", good=True, as_of=service.on(0))
        answer = listening.result(timeout=5)

    assert answer.json() == []
    assert answer.headers["next-cursor"] == head(service) != after


def test_who_waits_in_vain_gets_an_empty_page_when_the_time_is_over(service: Service, lives: list[Life]) -> None:
    began = time.monotonic()

    assert page(service, after=head(service), wait=0.5).json() == []

    assert 0.45 < time.monotonic() - began < 1.9


def test_a_wait_that_is_too_long_is_cut_and_says_so(service: Service, lives: list[Life]) -> None:
    answer = page(service, after=head(service), wait=3600)

    assert (answer.json(), answer.headers["wait-limit"]) == ([], "2")


def test_news_already_there_is_given_without_waiting(service: Service, lives: list[Life]) -> None:
    began = time.monotonic()

    assert page(service, wait=2).json()

    assert time.monotonic() - began < 1


def test_a_cursor_beyond_the_head_is_gone_and_names_the_last_that_holds(service: Service, lives: list[Life]) -> None:
    epoch, _, position = head(service).partition(".")

    problem = refused(service.reader.get("/v1/events", params={"after": f"{epoch}.{int(position) + 1}"}), 410)

    assert problem["code"] == "stale_cursor"
    assert problem["last_common"] == f"{epoch}.{position}"
    assert page(service, after=problem["last_common"]).json() == []


def test_a_cursor_of_an_unknown_epoch_is_gone_and_sends_back_to_the_start(service: Service, lives: list[Life]) -> None:
    epoch = head(service).partition(".")[0]
    other = "0" * 8 if epoch != "0" * 8 else "1" * 8

    problem = refused(service.reader.get("/v1/events", params={"after": f"{other}.1"}), 410, "stale_cursor")

    assert problem["last_common"] == f"{epoch}.0"
    assert page(service, after=problem["last_common"]).json()[0]["position"] == 1


@pytest.mark.parametrize(
    "cursor", ["x", "1", ".", "0", "abcdefgh.1", "00000000.-1", "00000000.01", "00000000.1.1", "00000000." + "9" * 40]
)
def test_a_cursor_that_was_never_given_out_is_a_bad_cursor(service: Service, cursor: str) -> None:
    refused(service.reader.get("/v1/events", params={"after": cursor}), 400, "bad_cursor")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0}, {"limit": 1001}, {"limit": -1}, {"limit": 2**70}, {"wait": -1}, {"wait": "nan"}, {"wait": "inf"},
        {"wait": "x"}, {"type": "Nonsense"}, {"case_id": "x"}, {"after": "x" * 65}, {"since": 1},
    ],
    ids=lambda query: str(query)[:40],
)  # fmt: skip
def test_a_wrong_parameter_is_named(service: Service, query: dict[str, str | int]) -> None:
    problem = refused(service.reader.get("/v1/events", params=query), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}" for name in query]


def test_the_schema_of_every_type_seen_resolves_and_knows_the_facts_fields(service: Service, lives: list[Life]) -> None:
    seen = {event["type"]: event for event in everything(service, limit=1000)}
    assert len(seen) > 10

    for event in seen.values():
        schema = service.nobody.read(event["dataschema"])
        assert schema["properties"].keys() >= event.keys()
        fact = event["dataschema"].removeprefix("/schemas/").partition(".")[0]
        assert schema["$defs"][fact]["properties"].keys() >= event["data"]["fact"].keys()


@pytest.mark.parametrize("form", ["text/event-stream", "application/x-ndjson"])
def test_who_goes_at_once_leaves_no_connection_of_the_database_behind(service: Service, form: str) -> None:
    """Else whoever opens and drops streams empties the pool; what is left behind warns when it is collected."""
    headers = {"Authorization": f"Bearer {service.reader.key}", "Accept": form}
    for _ in range(20):
        with httpx.stream("GET", f"{service.url}/v1/events", headers=headers) as answer:
            assert answer.status_code == 200

    gc.collect()
    assert service.reader.get("/v1/cases").status_code == 200
