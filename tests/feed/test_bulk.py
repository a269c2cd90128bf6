"""Reading in bulk ends where the log ended when it was asked for, whatever is written meanwhile."""

import json

import httpx

from feed.conftest import FILLED
from feed.filling import fill


def test_bulk_ends_at_the_head_of_the_moment_it_was_asked_for(bulk: httpx.Client, filled_url: str) -> None:
    with bulk.stream("GET", "/v1/events") as answer:
        log = fill(filled_url, 10)
        lines = list(answer.iter_lines())

    assert lines == log[:FILLED]
    assert answer.headers["next-cursor"].endswith(f".{FILLED}")


def test_what_came_meanwhile_is_read_by_the_next_cursor(bulk: httpx.Client, filled_url: str) -> None:
    cursor = bulk.get("/v1/events").headers["next-cursor"]
    log = fill(filled_url, 10)

    answer = bulk.get("/v1/events", params={"after": cursor})

    assert answer.text.splitlines() == log[FILLED:]
    assert answer.headers["next-cursor"].endswith(f".{FILLED + 10}")


def test_at_the_head_there_is_nothing_and_the_cursor_stays(bulk: httpx.Client) -> None:
    cursor = bulk.get("/v1/events/head").json()["cursor"]

    answer = bulk.get("/v1/events", params={"after": cursor})

    assert (answer.text, answer.headers["next-cursor"]) == ("", cursor)


def test_each_line_is_an_event(bulk: httpx.Client) -> None:
    lines = bulk.get("/v1/events").text.splitlines()

    assert [json.loads(line)["position"] for line in lines] == list(range(1, FILLED + 1))
