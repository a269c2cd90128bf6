"""Whatever form `Accept` asks for, it is the same events, verbatim and in the same order; filtered alike."""

import json
from typing import Any

import httpx
import pytest

from feed.filling import fill
from feed.sse import SSE, listening, told
from workflow.api.caller import refused
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines

BATCH, NDJSON, JSON = "application/cloudevents-batch+json", "application/x-ndjson", "application/json"


@pytest.fixture(scope="module")
def log(service: Service) -> list[str]:
    """Every event, verbatim."""
    return fill(service.settings.database, 120)


FILTERS: tuple[dict[str, list[str]], ...] = (
    {},
    {"type": ["EmployerRegistered"]},
    {"type": ["ca.go2hr.secor.StandingRecorded.v1", "CaseClosed"]},
    {"case_id": ["that of the first event"]},
    {"type": ["StandingRecorded"], "case_id": ["that of the first event"]},
    {"type": ["CaseClosed"]},
)


def asked(wanted: dict[str, list[str]], log: list[str]) -> dict[str, Any]:
    """The filter as a query."""
    return wanted | ({"case_id": json.loads(log[0])["subject"]} if "case_id" in wanted else {})


def matching(log: list[str], query: dict[str, Any]) -> list[str]:
    """What the filter should find."""
    names = {name.removeprefix("ca.go2hr.secor.").removesuffix(".v1") for name in query.get("type", [])}
    found = []
    for text in log:
        event = json.loads(text)
        if (not names or event["type"].split(".")[-2] in names) and query.get("case_id") in {None, event["subject"]}:
            found.append(text)
    return found


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "&".join(wanted) or "all")
def test_a_page_bulk_and_the_live_feed_tell_the_same(
    service: Service, listener: httpx.Client, log: list[str], wanted: dict[str, list[str]]
) -> None:
    query = asked(wanted, log)
    expected = matching(log, query)

    page = service.reader.get("/v1/events", params={**query, "limit": 1000})
    bulk = listener.get("/v1/events", params=query, headers={"Accept": NDJSON})
    with listening(listener, **query) as frames:
        live = told(frames, len(expected))
        following = next(frame for frame in frames if frame.position == len(log))

    assert page.text == f"[{','.join(expected)}]"
    assert bulk.text == "".join(f"{text}\n" for text in expected)
    assert live == expected
    assert page.headers["next-cursor"] == bulk.headers["next-cursor"] == following.id  # wherever the last match was


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, BATCH),
        ("", BATCH),
        ("*/*", BATCH),
        ("application/*", BATCH),
        (BATCH, BATCH),
        (NDJSON, NDJSON),
        (JSON, JSON),
        ("Application/X-NDJSON", NDJSON),
        (f"{BATCH};charset=utf-8", BATCH),
        (f"{BATCH};q=0.1, {NDJSON};q=0.9", NDJSON),
        (f"{NDJSON};q=0.5,*/*;q=0.1", NDJSON),
        (f"{BATCH};q=0, application/*", NDJSON),
        (f"{NDJSON} ; Q=0.2 , {JSON} ; q=0.3", JSON),
        (f"text/html, {NDJSON}", NDJSON),
        (f"{BATCH};q=nan, {NDJSON};q=0.001", NDJSON),
        (f"{BATCH};q=7, {NDJSON};q=0.001", NDJSON),
    ],
)
def test_the_form_that_is_liked_best_is_given(
    listener: httpx.Client, log: list[str], accept: str | None, given: str
) -> None:
    request = listener.build_request("GET", "/v1/events")
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept

    answer = listener.send(request)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == given
    assert answer.headers["vary"] == "Accept"


def test_accept_may_be_said_in_several_lines(listener: httpx.Client, log: list[str]) -> None:
    lines = [("Accept", "text/html"), ("Accept", NDJSON)]
    request = listener.build_request("GET", "/v1/events")
    request.headers = httpx.Headers([*((k, v) for k, v in request.headers.items() if k != "accept"), *lines])

    assert listener.send(request).headers["content-type"] == NDJSON


@pytest.mark.parametrize("accept", ["text/*", f"application/*;q=0.2, {SSE}", f"*/*;q=0.1, {SSE};q=0.2"])
def test_the_live_feed_too_is_found_by_what_is_liked(listener: httpx.Client, log: list[str], accept: str) -> None:
    with listener.stream("GET", "/v1/events", headers={"Accept": accept}) as answer:
        assert answer.headers["content-type"].startswith(SSE)


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", f"{BATCH};q=0", "*/*;q=0", "nonsense", ";", "a/b;q"]
)
def test_what_the_feed_is_not_given_as_is_refused(service: Service, log: list[str], accept: str) -> None:
    problem = refused(service.reader.get("/v1/events", headers={"Accept": accept}), 406, "not_acceptable")

    for form in (BATCH, NDJSON, SSE):
        assert form in problem["detail"]


@pytest.mark.parametrize("accept", [BATCH, NDJSON, SSE])
def test_a_wrong_question_is_a_problem_in_every_form(service: Service, log: list[str], accept: str) -> None:
    for query, status in (({"after": "x"}, 400), ({"after": "00000000.1"}, 410), ({"type": "Nonsense"}, 422)):
        refused(service.reader.get("/v1/events", params=query, headers={"Accept": accept}), status)


def test_an_unknown_type_is_answered_with_the_known_ones(service: Service, log: list[str]) -> None:
    problem = refused(service.reader.get("/v1/events", params={"type": "Nonsense"}), 422)

    assert "StandingRecorded" in problem["errors"][0]["detail"]
