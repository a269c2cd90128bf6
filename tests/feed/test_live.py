"""The live feed starts where one has read to, goes on after a break, and is never silent for long."""

import time
from itertools import islice

import httpx
import pytest
from pydantic import ValidationError

from feed.filling import fill
from feed.sse import SSE, listening, positions, told
from secor_workflow.settings import Settings
from workflow.api.caller import refused
from workflow.api.life import Life
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines


@pytest.fixture(scope="module")
def log(service: Service) -> list[str]:
    """What stands in the log at first, verbatim."""
    return fill(service.settings.database, 20)


def head(service: Service) -> str:
    return str(service.reader.read("/v1/events/head")["cursor"])


def test_it_starts_after_a_cursor_and_goes_on_with_what_happens(
    service: Service, listener: httpx.Client, log: list[str]
) -> None:
    with listening(listener, after=f"{head(service).partition('.')[0]}.18") as frames:
        assert told(frames, 2) == log[18:20]
        more = fill(service.settings.database, 3)
        assert told(frames, len(more) - 20) == more[20:]


def test_after_a_break_it_is_resumed_by_the_last_id(service: Service, listener: httpx.Client, log: list[str]) -> None:
    with listening(listener) as frames:
        last = list(islice(frames, 7))[-1]
    with listening(listener, last.id, after="ignored: the header is newer") as frames:
        assert told(frames, 5) == log[7:12]


@pytest.mark.parametrize(
    ("last_event_id", "status", "code"),
    [("00000000.3", 410, "stale_cursor"), ("{epoch}.999999", 410, "stale_cursor"), ("garbage", 400, "bad_cursor")],
)
def test_a_last_id_that_does_not_hold_is_refused_before_the_stream(
    service: Service, log: list[str], last_event_id: str, status: int, code: str
) -> None:
    epoch, _, position = head(service).partition(".")
    headers = {"Accept": SSE, "Last-Event-ID": last_event_id.format(epoch=epoch)}

    problem = refused(service.reader.get("/v1/events", headers=headers), status, code)

    if "999999" in last_event_id:
        assert problem["last_common"] == f"{epoch}.{position}"


def test_in_silence_it_gives_signs_of_life(service: Service, listener: httpx.Client, log: list[str]) -> None:
    began, at = time.monotonic(), head(service)
    with listening(listener, after=at) as frames:
        signs = list(islice(frames, 3))

    assert {(sign.id, sign.data) for sign in signs} == {(at, None)}
    assert 0.8 < time.monotonic() - began < 5  # every 0.3 s, as this service was told


def test_no_service_can_be_told_to_be_silent_for_more_than_15_seconds(service: Service) -> None:
    assert Settings().heartbeat_seconds <= 15
    with pytest.raises(ValidationError):
        Settings.model_validate({"heartbeat_seconds": 15.1})


def test_who_waits_for_a_rare_type_moves_on_all_the_same(
    service: Service, listener: httpx.Client, log: list[str]
) -> None:
    with listening(listener, type="CertificateIssued") as frames:
        assert next(frames).data is None
        written = len(fill(service.settings.database, 50))
        for frame in frames:
            assert frame.data is None
            if frame.position == written:
                break


def test_of_one_case_only_that_is_told(service: Service, listener: httpx.Client, log: list[str]) -> None:
    life, at = Life(service), head(service)
    first = life.register()["event"]
    with listening(listener, after=at, case_id=life.case_id) as frames:
        fill(service.settings.database, 5)
        second = life.name_champion()["event"]

        assert positions(frames, 2) == [first["position"], second["position"]]


def test_an_event_is_told_within_a_second_of_its_answer(
    service: Service, listener: httpx.Client, log: list[str]
) -> None:
    life = Life(service)
    life.register()
    with listening(listener, after=head(service)) as frames:
        next(frames)
        for _ in range(5):
            event = life.do("record-standing", good=True, as_of=service.on(0))["event"]
            answered = time.monotonic()
            assert positions(frames, 1) == [event["position"]]
            assert time.monotonic() - answered < 1


def test_nothing_is_late_for_who_comes_while_events_are_written(
    service: Service, listener: httpx.Client, log: list[str]
) -> None:
    """Between a listener's first look and that of the process an event may fall; it is told of it all the same."""
    life = Life(service)
    life.register()
    for _ in range(15):
        at = head(service)
        with listening(listener, after=at) as frames:  # the first one: the process begins to look just now
            event = life.do("record-standing", good=True, as_of=service.on(0))["event"]
            answered = time.monotonic()
            assert positions(frames, 1) == [event["position"]]
            assert time.monotonic() - answered < 1
