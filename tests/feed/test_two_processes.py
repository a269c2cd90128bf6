"""What one process writes, readers at another hear of within a second."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from feed.commands import Employer
from feed.processes import Process
from feed.sse import listening, positions

SOON = 1.0


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
def test_an_event_reaches_listeners_and_long_polls_of_another_process_within_a_second(
    serve: Callable[..., Process], database_url: str
) -> None:
    with (
        serve(database_url) as one,
        serve(database_url) as other,
        one.client("STAFF") as writer,
        other.client() as reader,
        listening(reader) as frames,
        ThreadPoolExecutor(1) as polling,
    ):
        employer = Employer(writer)
        written = employer.do_next()
        assert positions(frames, 1) == [written]
        for _ in range(5):
            at = reader.get("/v1/events/head").json()["cursor"]
            polled = polling.submit(reader.get, "/v1/events", params={"after": at, "wait": 20})
            written = employer.do_next()
            answered = time.monotonic()
            assert positions(frames, 1) == [written]
            assert [event["position"] for event in polled.result(SOON).json()] == [written]
            assert time.monotonic() - answered < SOON
