"""Fixed pages hold the same 1,000 positions for ever; a cache may keep a full one, and must ask about the last."""

import json

import httpx
import pytest

from feed.conftest import FILLED
from feed.filling import fill
from workflow.api.caller import refused
from workflow.api.service import Service

FULL = FILLED // 1000
LAST = FULL + 1


@pytest.mark.parametrize("number", range(1, FULL + 1))
def test_a_full_page_holds_its_thousand_positions(filled: Service, number: int) -> None:
    answer = filled.reader.get(f"/v1/events/pages/{number}")

    assert [e["position"] for e in answer.json()] == list(range(number * 1000 - 999, number * 1000 + 1))
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"
    assert "immutable" in answer.headers["cache-control"]
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers["etag"].startswith('"')  # strong
    assert answer.headers["next-cursor"].endswith(f".{number * 1000}")
    assert answer.links["next"]["url"] == f"/v1/events/pages/{number + 1}"


def test_a_page_is_what_after_and_limit_give(filled: Service) -> None:
    cursor = filled.reader.get("/v1/events/pages/1").headers["next-cursor"]

    page = filled.reader.get("/v1/events", params={"after": cursor, "limit": 1000})

    fixed = filled.reader.get("/v1/events/pages/2")
    assert (fixed.content, fixed.headers["next-cursor"]) == (page.content, page.headers["next-cursor"])


def test_the_last_page_is_to_be_asked_about_until_it_is_full(filled: Service) -> None:
    url = f"/v1/events/pages/{LAST}"
    before = filled.reader.get(url)
    log = fill(filled.settings.database, 400)
    grown = filled.reader.get(url, headers={"If-None-Match": before.headers["etag"]})
    fill(filled.settings.database, 200)
    full = filled.reader.get(url, headers={"If-None-Match": grown.headers["etag"]})

    assert before.headers["cache-control"] == grown.headers["cache-control"] == "private, no-cache"
    assert "next" not in grown.links
    assert grown.text == f"[{','.join(log[FULL * 1000 :])}]"
    assert "immutable" in full.headers["cache-control"]
    assert [len(answer.json()) for answer in (before, grown, full)] == [500, 900, 1000]
    assert len({answer.headers["etag"] for answer in (before, grown, full)}) == 3


@pytest.mark.parametrize("number", [1, LAST])
def test_who_has_a_page_is_not_sent_it_again(filled: Service, number: int) -> None:
    page = filled.reader.get(f"/v1/events/pages/{number}")

    again = filled.reader.get(page.url.path, headers={"If-None-Match": f'"other", {page.headers["etag"]}'})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "next-cursor"):
        assert again.headers[name] == page.headers[name]


def test_a_full_page_is_the_same_bytes_over_time(filled: Service, filled_url: str) -> None:
    pages = [filled.reader.get(f"/v1/events/pages/{number}") for number in range(1, LAST)]
    fill(filled_url, 700)
    with Service(filled_url) as restarted:
        again = [restarted.reader.get(f"/v1/events/pages/{number}") for number in range(1, LAST)]

    assert [(a.content, a.headers["etag"]) for a in again] == [(p.content, p.headers["etag"]) for p in pages]


def test_the_pages_one_after_the_other_are_the_log(filled: Service, bulk: httpx.Client) -> None:
    texts = [filled.reader.get(f"/v1/events/pages/{number}").text for number in range(1, LAST + 1)]

    lines = bulk.get("/v1/events").text.splitlines()
    assert [event for text in texts for event in json.loads(text)] == [json.loads(line) for line in lines]


def test_there_is_no_page_beyond_the_head(filled: Service) -> None:
    for number in (LAST + 1, 10**12):
        answer = filled.reader.get(f"/v1/events/pages/{number}")
        assert "immutable" not in answer.headers["cache-control"]
        refused(answer, 404, "not_found")
    for nonsense in (0, -1, 10**13, "x"):
        refused(filled.reader.get(f"/v1/events/pages/{nonsense}"), 422, "invalid_request")


def test_an_exactly_full_page_is_the_end_for_now(filled: Service) -> None:
    fill(filled.settings.database, 500)

    last = filled.reader.get(f"/v1/events/pages/{LAST}")

    assert "immutable" in last.headers["cache-control"]
    refused(filled.reader.get(last.links["next"]["url"]), 404)
