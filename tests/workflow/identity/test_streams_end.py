"""Whatever goes on ends soon after the credential it came with: live streams, long polls, bulk answers."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from workflow.api.life import Life
from workflow.api.service import Service
from workflow.identity.provider import Provider

SOON = 10.0
SSE, NDJSON = {"Accept": "text/event-stream"}, {"Accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def service(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Long waits, as in production, and few streams for each."""
    url = f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}"
    settings: dict[str, Any] = {"max_wait_seconds": 60, "heartbeat_seconds": 14, "max_streams_per_caller": 3}
    with Service(url, oidc=(provider.settings(),), **settings) as running:
        yield running


def seconds_until_the_end(service: Service, key: str, end_it: Callable[[], object]) -> float:
    """How long a live stream goes on after its credential was ended; it ends in good order."""
    headers = {"Authorization": f"Bearer {key}", **SSE}
    with httpx.stream("GET", f"{service.url}/v1/events", headers=headers, timeout=SOON) as answer:
        assert answer.status_code == 200
        end_it()
        began = time.monotonic()
        for _ in answer.iter_bytes():
            pass
        return time.monotonic() - began


def test_a_live_stream_ends_when_its_key_is_revoked(service: Service) -> None:
    made = service.new_key("reader")

    seconds = seconds_until_the_end(service, made["key"], lambda: service.admin.delete(f"/v1/keys/{made['key_id']}"))

    assert seconds < SOON


def test_a_live_stream_ends_when_its_token_expires(service: Service, provider: Provider) -> None:
    token = provider.token(exp=time.time() - 30 + 1.5, realm_access={"roles": ["secor-reader"]}, sub="a listener")

    assert seconds_until_the_end(service, token, lambda: None) < SOON


def test_a_long_poll_is_answered_with_401_when_its_key_is_revoked(service: Service) -> None:
    made = service.new_key("reader")
    holder = service.caller(made["key"])
    head = holder.read("/v1/events/head")["cursor"]
    revoking = threading.Timer(0.5, lambda: service.admin.delete(f"/v1/keys/{made['key_id']}"))
    revoking.start()

    began = time.monotonic()
    answer = holder.get("/v1/events", params={"after": head, "wait": 60})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert time.monotonic() - began < SOON
    revoking.join()


def test_a_long_poll_with_a_key_that_stays_is_answered_with_news(service: Service) -> None:
    head = service.reader.read("/v1/events/head")["cursor"]
    registering = threading.Timer(0.3, lambda: Life(service).register())
    registering.start()

    answer = service.reader.get("/v1/events", params={"after": head, "wait": 30})

    assert len(answer.json()) == 1
    registering.join()


def test_a_caller_holds_so_many_streams_and_may_open_another_once_one_is_closed(service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.notifier.key}", **SSE}

    def open_one() -> httpx.Response:
        return client.send(client.build_request("GET", f"{service.url}/v1/events", headers=headers), stream=True)

    with httpx.Client(timeout=SOON) as client:
        streams = [open_one() for _ in range(3)]
        assert [stream.status_code for stream in streams] == [200, 200, 200]
        fourth = service.notifier.get("/v1/events", headers=SSE)
        assert (fourth.status_code, fourth.json()["code"]) == (429, "too_many_requests")
        streams[0].close()
        until = time.monotonic() + SOON
        while (again := open_one()).status_code != 200:
            assert time.monotonic() < until
            again.close()
        for stream in (*streams[1:], again):
            stream.close()
