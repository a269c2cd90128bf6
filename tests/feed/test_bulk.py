"""Reading in bulk ends where the log ended when it was asked for, whatever is written meanwhile."""

import json

import httpx

from feed.conftest import FILLED
from feed.filling import fill
from workflow.api.service import Service

NDJSON = {"Accept": "application/x-ndjson"}


def test_bulk_ends_at_the_head_of_the_moment_it_was_asked_for(filled: Service) -> None:
    headers = {"Authorization": f"Bearer {filled.reader.key}", **NDJSON}
    with httpx.stream("GET", f"{filled.url}/v1/events", headers=headers) as answer:
        log = fill(filled.settings.database, 10)
        lines = list(answer.iter_lines())

    assert lines == log[:FILLED]
    assert answer.headers["next-cursor"].endswith(f".{FILLED}")


def test_what_came_meanwhile_is_read_by_the_next_cursor(filled: Service) -> None:
    cursor = filled.reader.get("/v1/events", headers=NDJSON).headers["next-cursor"]
    log = fill(filled.settings.database, 10)

    answer = filled.reader.get("/v1/events", params={"after": cursor}, headers=NDJSON)

    assert answer.text.splitlines() == log[FILLED:]
    assert answer.headers["next-cursor"].endswith(f".{FILLED + 10}")


def test_at_the_head_there_is_nothing_and_the_cursor_stays(filled: Service) -> None:
    cursor = filled.reader.read("/v1/events/head")["cursor"]

    answer = filled.reader.get("/v1/events", params={"after": cursor}, headers=NDJSON)

    assert (answer.text, answer.headers["next-cursor"]) == ("", cursor)


def test_each_line_is_an_event(filled: Service) -> None:
    lines = filled.reader.get("/v1/events", headers=NDJSON).text.splitlines()

    assert [json.loads(line)["position"] for line in lines] == list(range(1, FILLED + 1))
