"""The load: clients on keep-alive connections, each registering an employer and naming its champion, over and over.

A process of its own, the same for the service and for each peer: `python generator.py '{"port": 8000, …}'`; one line of
JSON says what came of it.
"""

import asyncio
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any, cast
from uuid import uuid4

import uvloop

PATIENCE = 30  # seconds for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked of whom, and for how long."""

    port: int
    key: str = ""
    clients: int = 32
    seconds: float = 4
    warm_up: float = 1
    unit: str = "761056"
    first_account: int = 0
    """Accounts are taken from here on: no two runs on one database may share any."""


@dataclass(slots=True)
class Told:
    """What came of it: how many were answered in a second, and how many milliseconds half and nearly all took."""

    a_second: float
    p50: float
    p99: float
    failed: int
    first_failure: str


class Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[tuple[bytes, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if found and len(body) >= _length(head) and self._answer is not None:
            self._received = b""
            self._answer.set_result((head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send one request; head and body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


def _location(head: bytes) -> bytes:
    at = head.lower().index(b"\r\nlocation:")
    return head[at + 11 :].partition(b"\r\n")[0].strip()


def request(path: bytes, key: str, body: bytes) -> bytes:
    """A POST with everything on: credential, media type, idempotency key."""
    head = (
        f"POST {path.decode()} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def registration(account: int, unit: str) -> bytes:
    employer = {
        "legal_name": "Blue Heron Inn Ltd.",
        "worksafebc_account": f"{account:010d}",
        "classification_units": [unit],
        "headcount": 12,
        "base_premium": {"amount": "1200.00", "currency": "CAD"},
    }
    contact = {"name": "Morgan Reed", "email": "morgan@example.com"}
    return json.dumps({"employer": employer, "contact": contact, "terms_accepted": True}).encode()


CHAMPION = json.dumps(
    {"person": {"name": "Robin Marsh", "email": "robin@example.com"}, "employment": "permanent"}
).encode()


async def run(load: Load) -> Told:
    """Keep every client busy; what is answered after the warm-up counts."""
    loop = asyncio.get_running_loop()
    accounts = count(load.first_account)
    milliseconds: list[float] = []
    failures: list[str] = []
    began = loop.time() + load.warm_up
    ends = began + load.seconds

    async def one_client() -> None:
        _, line = await loop.create_connection(Line, "127.0.0.1", load.port)
        try:
            while loop.time() < ends:
                head = await timed(line, request(b"/v1/cases", load.key, registration(next(accounts), load.unit)))
                if b" 201 " in head[:16]:
                    await timed(line, request(_location(head) + b"/commands/name-champion", load.key, CHAMPION))
        finally:
            line.close()

    async def timed(line: Line, sent: bytes) -> bytes:
        asked = time.perf_counter()
        head, body = await line.ask(sent)
        took = time.perf_counter() - asked
        if b" 201 " not in head[:16] and b" 200 " not in head[:16]:
            failures.append((head + b" | " + body).decode("utf-8", "replace")[:500])
        elif began <= loop.time() <= ends:
            milliseconds.append(took * 1000)
        return head

    await asyncio.gather(*(one_client() for _ in range(load.clients)))
    took = sorted(milliseconds) or [math.inf]
    return Told(
        a_second=len(milliseconds) / load.seconds,
        p50=took[len(took) // 2],
        p99=took[len(took) * 99 // 100],
        failed=len(failures),
        first_failure=failures[0] if failures else "",
    )


if __name__ == "__main__":
    given: dict[str, Any] = json.loads(sys.argv[1])
    sys.stdout.write(json.dumps(asdict(uvloop.run(run(Load(**given))))))
