"""What every answer tells browsers, and what nobody may: send slowly, crowd in, double a header, ask from any page."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from secor_workflow.server import server_of
from workflow.api.caller import refused
from workflow.api.service import Service, settings_for
from workflow.api.serving import Serving

ORIGIN = "https://portal.example.org"
SHORT = {"header_seconds": 0.5, "body_seconds": 0.5, "body_bytes_a_second": 1_000_000, "max_open_requests": 5}
PATIENCE = 10.0
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Little patience, few at once, and one page that may ask."""
    url = f"sqlite:///{tmp_path_factory.mktemp('wall') / 'workflow.db'}"
    with Service(url, cors_origins=(ORIGIN,), hsts_seconds=31_536_000, **SHORT) as running:
        yield running


# --- headers ---


@pytest.mark.parametrize(
    "path", ["/v1/me", "/v1/cases", "/v1/nonsense", "/livez", "/docs", "/docs/start.js", "/openapi.json"]
)
def test_every_answer_tells_browsers_to_be_strict(service: Service, path: str) -> None:
    for caller in (service.reader, service.nobody):
        headers = caller.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["content-security-policy"].startswith("default-src ")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_nothing_runs_in_an_answer_but_the_page_for_people(service: Service) -> None:
    assert "default-src 'none'" in service.reader.get("/v1/me").headers["content-security-policy"]
    assert service.nobody.get("/docs").headers["content-security-policy"].startswith("default-src 'self'")


def test_a_page_on_the_list_may_ask_and_read_what_it_needs(service: Service) -> None:
    ask = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    ask["Access-Control-Request-Headers"] = "authorization, content-type, idempotency-key, if-match"

    allowed = httpx.options(f"{service.url}/v1/cases", headers=ask)
    answer = service.reader.get("/v1/cases", headers={"Origin": ORIGIN})
    failed = service.nobody.get("/v1/cases", headers={"Origin": ORIGIN})

    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
    for one in (answer, failed):
        assert one.headers["access-control-allow-origin"] == ORIGIN
        assert "ETag" in one.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in one.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", "http://portal.example.org"]
)
def test_any_other_page_is_told_nothing(service: Service, origin: str) -> None:
    ask = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    assert httpx.options(f"{service.url}/v1/cases", headers=ask).status_code == 400
    assert "access-control-allow-origin" not in service.reader.get("/v1/cases", headers={"Origin": origin}).headers


@pytest.mark.parametrize("origins", ["*", "https://*.example.org", "portal.example.org", f"{ORIGIN}/", "null"])
def test_no_wildcard_is_taken_for_an_origin(origins: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings_for("sqlite://", cors_origins=origins)


# --- headers given twice ---


@pytest.mark.parametrize("name", ["Idempotency-Key", "If-Match", "Content-Type"])
def test_a_header_that_means_one_thing_is_taken_once(service: Service, name: str) -> None:
    value = {"If-Match": '"1"', "Content-Type": "application/json"}.get(name, "k")
    path = "/v1/cases/00000000-0000-7000-8000-000000000000/commands/place-hold"
    headers = [
        (name, value),
        (name, value),
        *([] if name == "Content-Type" else [("Content-Type", "application/json")]),
    ]

    refused(service.staff.post(path, content=b'{"reason": "x"}', headers=headers), 400, "bad_header")


def test_two_credentials_are_none(service: Service) -> None:
    both = [("Authorization", f"Bearer {service.reader.key}"), ("Authorization", f"Bearer {service.admin.key}")]

    refused(service.nobody.get("/v1/me", headers=both), 401, "unauthenticated")
    refused(
        service.reader.get("/v1/events", headers=[("Last-Event-ID", "a"), ("Last-Event-ID", "b")]), 400, "bad_header"
    )


@pytest.mark.parametrize("name", ["X-Request-ID", "traceparent", "X-Forwarded-For", "Accept", "Connection"])
def test_any_other_header_twice_is_no_fault_of_ours(service: Service, name: str) -> None:
    answer = service.reader.get("/v1/me", headers=[(name, "127.0.0.1"), (name, "127.0.0.2")])

    assert answer.status_code == 200


def test_two_hosts_lead_nowhere_else(service: Service) -> None:
    with asked(service, "GET /livez HTTP/1.1\r\nHost: x\r\nHost: evil.example\r\nConnection: close\r\n\r\n") as told:
        assert b"evil" not in told.recv(65536)


@pytest.mark.parametrize("value", ["x\r\nSet-Cookie: a=b", "x\nX-Admin: 1", "x\0"])
def test_no_header_is_smuggled_through_an_echo(service: Service, value: str) -> None:
    with asked(
        service, f"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-ID: {value}\r\nConnection: close\r\n\r\n"
    ) as told:
        said = told.recv(65536).decode()

    assert "set-cookie" not in said.lower()
    assert "x-admin" not in said.lower()


# --- patience ---


@contextmanager
def asked(service: Service, text: str) -> Iterator[socket.socket]:
    """A bare connection that has sent so much and no more."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(text.encode())
        yield connection


def begun(service: Service, length: int = 100) -> str:
    head = ("POST /v1/cases HTTP/1.1", "Host: x", f"Authorization: Bearer {service.staff.key}", JSON)
    return "\r\n".join([*head, f"Content-Length: {length}", "", "{"])


def test_a_body_that_does_not_come_is_not_waited_for(service: Service) -> None:
    with asked(service, begun(service)) as connection:
        said = connection.recv(65536)

    assert b" 408 " in said
    assert b"body_too_slow" in said
    assert b"connection: close" in said.lower()


def test_a_body_that_trickles_is_not_waited_for_either(service: Service) -> None:
    with asked(service, begun(service, 1000)) as connection:
        done = threading.Event()

        def trickle() -> None:
            while not done.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

        trickling = threading.Thread(target=trickle)
        trickling.start()
        said = connection.recv(65536)
        done.set()
        trickling.join()

    assert b" 408 " in said


def test_so_many_may_be_open_at_once_and_probes_are_answered_all_the_same(service: Service) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(asked(service, begun(service)))
        until = time.monotonic() + PATIENCE
        while (answer := service.reader.get("/v1/me")).status_code != 503:
            assert time.monotonic() < until
        assert answer.json()["code"] == "unavailable"
        assert answer.headers["retry-after"]
        assert service.nobody.get("/livez").status_code == 200
    until = time.monotonic() + PATIENCE
    while service.reader.get("/v1/me").status_code != 200:
        assert time.monotonic() < until


class AsInProduction(Serving):
    """With the server that `serve` starts."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.settings)
        self._server = server_of(self.app, service.settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)


@pytest.mark.parametrize("sent", ["", "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["silent", "trickling"])
def test_headers_that_do_not_come_are_not_waited_for(service: Service, sent: str) -> None:
    with (
        AsInProduction(service) as served,
        socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as one,
    ):
        one.sendall(sent.encode())
        began = time.monotonic()

        assert one.recv(1) == b""

        assert time.monotonic() - began < 5
        assert httpx.get(f"{served.url}/livez").status_code == 200
