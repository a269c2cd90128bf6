"""What clients do all the while: write, read what they wrote, follow live and by long polls. Nothing is tried twice."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile

import httpx

from feed.commands import Employer
from feed.sse import SSE, frames_of
from scale.members import client

COMMANDS = 20
"""Of a case: each case is a letter, and those cost more than commands."""
PAUSE = 0.02
"""Seconds between two requests of a client: the load is to be steady, not to fill the machine."""


@dataclass
class Load:
    """What was asked and answered so far."""

    url: str
    staff_key: str
    reader_key: str
    written: list[int] = field(default_factory=list)
    """Positions of acknowledged events."""
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)
    _head: int = 2**62

    @contextmanager
    def going_on(self, *, writers: int, listeners: int, pollers: int) -> Iterator[list["Future[list[int]]"]]:
        """Within it all of them are busy; the futures tell the positions that readers saw, up to the last written."""
        with ThreadPoolExecutor(writers + listeners + pollers) as threads:
            writing = [threads.submit(self._guarded, self._write) for _ in range(writers)]
            reading = [threads.submit(self._listen) for _ in range(listeners)]
            reading += [threads.submit(self._poll) for _ in range(pollers)]
            try:
                yield reading
            finally:
                self._enough.set()
                for writer in writing:
                    writer.result()
                self._head = max(self.written)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (httpx.HTTPError, AssertionError) as error:
            self.failures.append(repr(error))

    def _write(self) -> None:
        """Employers, one after the other: registered, remarked on, read back at once by whoever answers."""
        with client(self.url, self.staff_key) as web:
            while not self._enough.is_set():
                employer = Employer(web)
                for _ in range(COMMANDS):
                    position = employer.do_next()
                    self.written.append(position)
                    told = web.get(employer.path, params={"min_position": position})
                    assert told.status_code == 200, told.text
                    assert told.json()["position"] == position
                    self.answers += 2
                    self._enough.wait(PAUSE)

    def _listen(self) -> list[int]:
        """A live stream; when it ends, another one from the last id on, after as long as the server asked for."""
        seen: list[int] = []
        last, again = "", 0.0
        with client(self.url, self.reader_key) as web:
            while not self._has_all(seen):
                threading.Event().wait(again)
                headers = {"Accept": SSE, **({"Last-Event-ID": last} if last else {})}
                with web.stream("GET", "/v1/events", headers=headers) as answer:
                    assert answer.status_code == 200, answer.read()
                    for frame in frames_of(answer.iter_lines()):
                        last, again = frame.id, (frame.retry or 0) / 1000
                        if frame.data is not None:
                            seen.append(frame.position)
                        if self._has_all(seen):
                            break
        return seen

    def _poll(self) -> list[int]:
        """Long polls, one after the other."""
        seen: list[int] = []
        after = ""
        with client(self.url, self.reader_key) as web:
            while not self._has_all(seen):
                answer = web.get("/v1/events", params={"wait": 2, **({"after": after} if after else {})})
                assert answer.status_code == 200, answer.text
                after = answer.headers["next-cursor"]
                seen += [event["position"] for event in json.loads(answer.text)]
                self.answers += 1
        return seen

    def _has_all(self, seen: list[int]) -> bool:
        return bool(seen) and seen[-1] >= self._head


def whole_log(web: httpx.Client) -> list[dict[str, object]]:
    """Every event, by one bulk read."""
    answer = web.get("/v1/events", headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in takewhile(bool, answer.text.splitlines())]
