"""Where the log ends, and the parameters by which readers made for http-feeds.org find their way."""

import json
import time
from datetime import datetime

import pytest

from feed.filling import fill
from workflow.api.caller import refused
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines

LONGEST = "2"
"""Seconds, as the service of these tests was told."""


@pytest.fixture(scope="module")
def log(service: Service) -> list[str]:
    return fill(service.settings.database, 12)


def test_lag_is_a_subtraction(service: Service, log: list[str]) -> None:
    before = service.reader.read("/v1/events/head")
    fill(service.settings.database, 5)
    after = service.reader.read("/v1/events/head")

    assert after["position"] - before["position"] == 5
    assert len(service.reader.read("/v1/events", after=before["cursor"])) == 5
    assert service.reader.read("/v1/events", after=after["cursor"]) == []
    assert datetime.fromisoformat(before["time"]) <= datetime.fromisoformat(after["time"])


def test_the_head_is_not_to_be_kept(service: Service, log: list[str]) -> None:
    assert service.reader.get("/v1/events/head").headers["cache-control"] == "no-store"


def test_the_last_event_may_be_named_by_its_id_or_a_cursor(service: Service, log: list[str]) -> None:
    page = service.reader.get("/v1/events", params={"limit": 6})

    by_id = service.reader.get("/v1/events", params={"lastEventId": page.json()[-1]["id"], "limit": 6})
    by_cursor = service.reader.get("/v1/events", params={"lastEventId": page.headers["next-cursor"], "limit": 6})

    assert by_id.text == by_cursor.text == f"[{','.join(log[6:12])}]"


def test_the_link_of_such_a_page_leads_on(service: Service, log: list[str]) -> None:
    first = json.loads(log[0])["id"]
    page = service.reader.get("/v1/events", params={"lastEventId": first, "limit": 3, "timeout": 0})

    following = service.reader.get(page.links["next"]["url"])

    assert following.text == f"[{','.join(log[4:7])}]"


def test_an_event_that_the_log_does_not_hold_is_gone(service: Service, log: list[str]) -> None:
    unknown = "01940000-0000-7000-8000-000000000000"

    refused(service.reader.get("/v1/events", params={"lastEventId": unknown}), 410, "stale_cursor")
    refused(service.reader.get("/v1/events", params={"lastEventId": "garbage"}), 400, "bad_cursor")


def test_timeout_is_wait_in_milliseconds(service: Service, log: list[str]) -> None:
    cursor = service.reader.read("/v1/events/head")["cursor"]
    began = time.monotonic()

    answer = service.reader.get("/v1/events", params={"lastEventId": cursor, "timeout": 400})

    assert (answer.json(), answer.headers["next-cursor"]) == ([], cursor)
    assert 0.35 < time.monotonic() - began < 1.9


@pytest.mark.parametrize("much", [{"wait": 2.5}, {"wait": 1e300}, {"timeout": 2001}, {"timeout": 2**53}])
def test_more_than_the_longest_wait_is_cut_and_said(service: Service, log: list[str], much: dict[str, float]) -> None:
    assert service.reader.get("/v1/events", params=much).headers["wait-limit"] == LONGEST


@pytest.mark.parametrize("wait", [{"wait": 2}, {"wait": 0}, {"timeout": 2000}, {}])
def test_of_a_wait_that_is_granted_nothing_is_said(service: Service, log: list[str], wait: dict[str, int]) -> None:
    assert "wait-limit" not in service.reader.get("/v1/events", params=wait).headers
