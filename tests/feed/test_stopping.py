"""Asked to stop, the service ends what is open in good order and is gone within its grace time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from feed.conftest import FILLED
from feed.processes import Process, eventually
from feed.sse import listening
from feed.test_leaving import a_socket, read_on

GRACE = 3


@pytest.fixture
def process(serve: Callable[..., Process], filled_url: str) -> Iterator[Process]:
    with serve(filled_url, shutdown_seconds=GRACE) as running:
        yield running


def test_live_streams_and_long_polls_end_cleanly_and_quickly(process: Process) -> None:
    """An answer without its last chunk would raise in the client."""
    with process.client() as client, ThreadPoolExecutor(20) as readers, ExitStack() as stack:
        at = client.get("/v1/events/head").json()["cursor"]
        streams = [stack.enter_context(listening(client, after=at)) for _ in range(10)]
        live = [readers.submit(list, stream) for stream in streams]
        polls = [readers.submit(client.get, "/v1/events", params={"after": at, "wait": 30}) for _ in range(5)]
        eventually(lambda: process.live_clients == 10)
        threading.Event().wait(0.3)  # the polls wait by now; should one not, it is answered all the same
        assert not any(poll.done() for poll in polls)

        code, seconds = process.terminate()

        said = [frame for stream in live for frame in stream.result(1)]
        assert [(frame.id, frame.data) for frame in said] == [(at, None)] * 10
        assert all(100 <= (frame.retry or 0) <= 1000 for frame in said)  # when to come again, and not all at once
        assert {(poll.result(1).text, poll.result(1).headers["next-cursor"]) for poll in polls} == {("[]", at)}
        assert code in {0, -15}
        assert seconds < GRACE / 2
    assert not process.log_says("Traceback")


def test_what_bulk_has_promised_it_gives_or_breaks_off_in_the_open(process: Process) -> None:
    """A clean end before `Next-Cursor` would be a gap that the reader never sees."""
    with a_socket(process, "application/x-ndjson") as reader:
        began = reader.recv(1000)
        assert f".{FILLED}\r\n".encode() in began  # Next-Cursor
        with ThreadPoolExecutor(1) as meanwhile:
            stopping = meanwhile.submit(process.terminate)
            whole = began + read_on(reader)
            stopping.result()

    assert whole.count(b'"specversion"') == FILLED
    assert whole.endswith(b"0\r\n\r\n")


def test_who_never_reads_does_not_keep_it_from_stopping(process: Process) -> None:
    with a_socket(process), a_socket(process, "application/x-ndjson"):
        eventually(lambda: process.live_clients == 1)

        _, seconds = process.terminate()

        assert seconds < GRACE + 2
