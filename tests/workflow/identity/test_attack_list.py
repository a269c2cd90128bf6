"""What is tried at the door besides tokens: keys by the thousand, keys that end half-way, strange paths and headers."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from workflow.api.caller import refused
from workflow.api.life import Life
from workflow.api.service import Service

THOUSAND, AT_ONCE = 1000, 20
PATIENCE = 20.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}") as running:
        yield running


async def test_wrong_keys_by_the_thousand_open_nothing_and_keep_nobody_waiting(service: Service) -> None:
    answers: Counter[bytes] = Counter()

    async def attempt(first: int) -> None:
        """One connection, and one key after the other."""
        host, _, port = service.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for number in range(first, THOUSAND, AT_ONCE):
            writer.write(f"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secor_{number:043}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            answers[head.split(b" ", 2)[1]] += 1
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
        writer.close()
        await writer.wait_closed()

    attack = asyncio.gather(*map(attempt, range(AT_ONCE)))
    waited = []
    while not attack.done():
        began = time.monotonic()
        assert (await asyncio.to_thread(service.reader.get, "/v1/me")).status_code == 200
        waited.append(time.monotonic() - began)
    await attack

    assert answers.total() == THOUSAND
    assert {*answers} == {b"401", b"429"}
    assert answers[b"429"] > answers[b"401"]
    assert max(waited) < PATIENCE / 4
    lines = service.admin.read("/v1/refusals", code="unauthenticated", limit=100)["items"]
    assert len(lines) <= service.settings.refusals_per_minute


def test_a_key_that_is_revoked_while_its_body_comes_does_nothing_more(service: Service) -> None:
    made = service.new_key("staff")
    body = httpx.Request("POST", service.url, json=Life(service).registration()).read()
    head = (
        "POST /v1/cases HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {made['key']}",
        f"Content-Length: {len(body)}",
    )
    before = service.reader.read("/v1/events/head")["position"]
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join([*head, "Content-Type: application/json", "", ""]).encode() + body[:-1])
        used(service, made["key_id"])
        assert service.admin.delete(f"/v1/keys/{made['key_id']}").status_code == 204
        connection.sendall(body[-1:])
        said = connection.recv(65536)

    assert b" 401 " in said
    assert b"ended while the body came" in said
    assert service.reader.read("/v1/events/head")["position"] == before


def used(service: Service, key_id: str) -> None:
    """Wait until the key has been looked at: the request is in."""
    until = time.monotonic() + PATIENCE
    while not next(k for k in service.admin.read("/v1/keys")["items"] if k["key_id"] == key_id)["last_used_at"]:
        assert time.monotonic() < until
        time.sleep(0.05)


PATHS = (
    "/v1/cases/../keys",
    "/v1/cases/%2e%2e/keys",
    "/v1/cases/..%2fkeys",
    "/v1/cases/..%5ckeys",
    "/v1//keys",
    "//v1/keys",
    "/v1/keys;a=b",
    "/v1/keys%00",
    "/v1/keys%0d%0aX-Admin:%201",
    "/V1/KEYS",
    "/v1/keys/.",
    "/v1/people/%27%20OR%201=1--",
    "/v1/cases/%3Cscript%3E",
    "/docs/../../../../etc/passwd",
    "/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/schemas/..%2f..%2fpolicy.toml",
    "http://127.0.0.1:1/v1/keys",
    "/v1/cases/" + "a" * 8000,
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_nowhere_but_where_it_says(service: Service, path: str) -> None:
    """Written to the line as it stands: a client would tidy it up."""
    said = asked(service, f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.reader.key}\r\n")

    status = int(said.split(b" ", 2)[1])
    assert status in {400, 403, 404, 422}
    for told in (b"root:", b"\nX-Admin", b"lead_days", b'"items"'):
        assert told not in said


HEADERS = {
    "a length and chunks": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/keys HTTP/1.1\r\n",
    "two lengths": "Content-Length: 0\r\nContent-Length: 30\r\n",
    "a length below nothing": "Content-Length: -1\r\n",
    "a folded header": "X-Request-ID: a\r\n b\r\n",
    "a blank before the colon": "Transfer-Encoding : chunked\r\n",
    "a method in a header": "X-HTTP-Method-Override: DELETE\r\n",
    "another path": "X-Original-URL: /v1/keys\r\nX-Rewrite-URL: /v1/keys\r\n",
    "an actor": "X-Actor: root\r\nX-Forwarded-User: root\r\nX-Role: admin\r\n",
    "a prefix": "X-Forwarded-Prefix: //evil.example\r\nX-Forwarded-Host: evil.example\r\n",
    "a thousand headers": "".join(f"X-{number}: y\r\n" for number in range(1000)),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_opens_nothing_that_its_key_does_not(service: Service, name: str) -> None:
    said = asked(
        service, f"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.reader.key}\r\n{HEADERS[name]}"
    )

    assert said.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))
    assert b'"role":"admin"' not in said
    assert b'"items"' not in said
    assert b"evil" not in said
    refused(service.reader.get("/v1/keys"), 403, "forbidden")


def asked(service: Service, text: str) -> bytes:
    """Everything that is said to a request that is written by hand."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(f"{text}Connection: close\r\n\r\n".encode("latin-1"))
        said = b""
        while piece := connection.recv(65536):
            said += piece
        return said
