"""What every answer of the notifier tells browsers, and what nobody may: send slowly, or crowd in."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from notifier.house import House
from notifier.stand_in import NOTIFIER_KEY
from secor_notifier.main import create_app
from secor_notifier.server import server_of
from secor_notifier.settings import Settings

MOST = 3
SHORT = {"header_seconds": 0.5, "body_seconds": 0.5, "max_open_requests": MOST, "hsts_seconds": 31_536_000}
PATIENCE = 10.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Little patience, and few at once."""
    home = tmp_path_factory.mktemp("wall")
    with House(home, f"sqlite:///{home / 'notifier.db'}", more=SHORT) as running:
        yield running


@pytest.mark.parametrize("path", ["/v1/reminders", "/v1/nonsense", "/livez", "/docs", "/openapi.json"])
def test_every_answer_tells_browsers_to_be_strict(house: House, path: str) -> None:
    headers = house.ask(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["content-security-policy"].startswith(
        "default-src 'self'" if path == "/docs" else "default-src 'none'"
    )


@contextmanager
def asked(url: str, text: str) -> Iterator[socket.socket]:
    """A bare connection that has sent so much and no more."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(text.encode())
        yield connection


BEGUN = "POST /v1/silences HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"


def test_a_body_that_does_not_come_is_not_waited_for(house: House) -> None:
    with asked(house.url, BEGUN) as connection:
        said = connection.recv(65536)

    assert b" 408 " in said
    assert b"comes too slowly" in said
    assert b"connection: close" in said.lower()


def test_so_many_may_be_open_at_once_and_probes_are_answered_all_the_same(house: House) -> None:
    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(asked(house.url, BEGUN))
        until = time.monotonic() + PATIENCE
        while (answer := house.ask("/v1/nonsense")).status_code != 503:
            assert time.monotonic() < until
        assert answer.json()["code"] == "unavailable"
        assert answer.headers["retry-after"]
        assert house.ask("/livez").status_code == 200
    until = time.monotonic() + PATIENCE
    while house.ask("/v1/nonsense").status_code != 404:
        assert time.monotonic() < until


@pytest.mark.parametrize("sent", ["", "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["silent", "trickling"])
def test_headers_that_do_not_come_are_not_waited_for(tmp_path: Path, sent: str) -> None:
    settings = Settings(home=tmp_path, workflow_key=SecretStr(NOTIFIER_KEY), header_seconds=0.3)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = server_of(create_app(settings), settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        with asked(url, sent) as one:
            assert one.recv(1) == b""
        assert httpx.get(f"{url}/livez").status_code == 200
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
