"""Whoever leaves, or does not read, costs nothing from then on and harms nobody else."""

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from feed.conftest import FILLED
from feed.filling import fill
from feed.processes import Process, eventually
from feed.sse import frames_of, listening, positions
from workflow.api.service import Service

STALL_SECONDS = 1.0
PROMPTLY = 3.0
WRITTEN = 4_000
"""Events for one who does not read: more than sockets hold."""


@pytest.fixture
def process(serve: Callable[..., Process], filled_url: str) -> Iterator[Process]:
    """A process with FILLED events that soon loses patience with those who take nothing."""
    with serve(filled_url, stall_seconds=STALL_SECONDS, heartbeat_seconds=0.2) as running:
        yield running


@contextmanager
def a_socket(process: Process, accept: str = "text/event-stream", room: int = 4096) -> Iterator[socket.socket]:
    """Has asked for the feed from its start, with so little room for the answer."""
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        raw.settimeout(30)
        raw.connect(("127.0.0.1", process.at.workflow_port))
        asked = ("GET /v1/events HTTP/1.1", "Host: x", f"Accept: {accept}")
        key = f"Authorization: Bearer {process.keys['READER_KEY']}"
        raw.sendall("\r\n".join([*asked, key, "", ""]).encode())
        yield raw


def read_on(raw: socket.socket) -> bytes:
    """All that still comes until the end."""
    parts = []
    while part := raw.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_who_leaves_frees_everything_at_once(process: Process) -> None:
    files: list[float] = []
    for _ in range(6):
        with ExitStack() as stack:
            for number in range(20):
                raw = stack.enter_context(a_socket(process))
                if number % 2:  # half of them end without a goodbye
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            eventually(lambda: process.live_clients == 20)
        eventually(lambda: process.live_clients == 0, PROMPTLY)
        files.append(process.measured("process_open_fds"))
    assert files[-1] < files[0] + 40  # one kept by each of the hundred since would be 100; the database's pool holds 20

    with process.client() as client, listening(client) as frames:
        assert positions(frames, FILLED) == list(range(1, FILLED + 1))
    assert not process.log_says("Traceback")


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson"])
def test_who_never_reads_is_cut_off_and_others_do_not_notice(process: Process, accept: str, filled_url: str) -> None:
    with process.client() as client, listening(client) as frames:
        assert positions(frames, FILLED) == list(range(1, FILLED + 1))
        with a_socket(process, accept) as silent:
            cut = select.poll()
            cut.register(silent, select.POLLHUP)
            assert cut.poll(1000 * (STALL_SECONDS + PROMPTLY))
            with pytest.raises(ConnectionResetError):  # it cannot take what it has for all there was
                read_on(silent)
        eventually(lambda: process.live_clients == 1, PROMPTLY)
        fill(filled_url, 10)
        assert positions(frames, 10) == list(range(FILLED + 1, FILLED + 11))


def test_who_reads_slowly_gets_everything_though_it_takes_longer(process: Process, filled_url: str) -> None:
    began, last = time.monotonic(), FILLED + 100
    with a_socket(process, room=65_536) as slow:
        parts = [slow.recv(1000)]
        fill(filled_url, 100)
        while f'"position":{last},'.encode() not in b"".join(parts[-3:]):
            parts.append(slow.recv(32_768))
            assert parts[-1], "it was cut off"
            time.sleep(0.015)  # this is how slow it is
    assert time.monotonic() - began > 2 * STALL_SECONDS

    body = b"".join(parts).decode().partition("\r\n\r\n")[2]
    lines = (line for line in body.split("\n") if not line.endswith("\r"))  # without the sizes of the chunks
    assert positions(frames_of(lines), last) == list(range(1, last + 1))


def test_who_lags_further_behind_than_memory_reaches_is_read_to_from_the_log(
    filled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secor_workflow.log.tail.KEEP", 50)
    with Service(filled_url) as service:
        headers = {"Authorization": f"Bearer {service.reader.key}"}
        at = service.reader.read("/v1/events/head")["cursor"]
        with (
            httpx.Client(base_url=service.url, headers=headers, timeout=20) as client,
            listening(client, after=at) as slow,
            listening(client, after=at) as quick,
            ThreadPoolExecutor(1) as meanwhile,
        ):
            reading = meanwhile.submit(positions, quick, WRITTEN)
            fill(filled_url, WRITTEN)
            expected = list(range(FILLED + 1, FILLED + WRITTEN + 1))

            assert reading.result() == expected
            assert positions(slow, WRITTEN) == expected
