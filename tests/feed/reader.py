"""A consumer in a process of its own: `python reader.py sse|poll URL…`; key in FEED_KEY, the last position on stdin.

It follows the feed by its cursor, goes to the next address when one fails, and says which positions it was given.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from itertools import cycle

import httpx

from feed.sse import SSE, frames_of
from loopback import NO_TLS

BREATH_SECONDS = 0.2
WAIT_SECONDS = 1


class Reader:
    def __init__(self) -> None:
        self.cursor = ""
        self.positions: list[int] = []
        self.last: int | None = None
        threading.Thread(target=self._hear_the_last, daemon=True).start()

    def _hear_the_last(self) -> None:
        self.last = int(sys.stdin.readline())

    @property
    def done(self) -> bool:
        return self.last is not None and self.positions[-1:] == [self.last]

    def sse(self, client: httpx.Client) -> Iterator[None]:
        headers = {"Accept": SSE, **({"Last-Event-ID": self.cursor} if self.cursor else {})}
        with client.stream("GET", "/v1/events", headers=headers) as answer:
            answer.raise_for_status()
            for frame in frames_of(answer.iter_lines()):
                if frame.data is not None:
                    self.positions.append(frame.position)
                self.cursor = frame.id
                yield

    def poll(self, client: httpx.Client) -> Iterator[None]:
        while True:
            query: dict[str, str | int] = {"after": self.cursor, "limit": 50, "wait": WAIT_SECONDS}
            answer = client.get("/v1/events", params=query).raise_for_status()
            self.positions += [event["position"] for event in answer.json()]
            self.cursor = answer.headers["next-cursor"]
            yield

    def follow(self, form: str, urls: list[str]) -> None:
        """Until the last event was read."""
        key = {"Authorization": f"Bearer {os.environ['FEED_KEY']}"}
        for url in cycle(urls):
            try:
                with httpx.Client(base_url=url, headers=key, timeout=10, verify=NO_TLS) as client:
                    for _ in self.sse(client) if form == "sse" else self.poll(client):
                        if self.done:
                            return
            except httpx.TransportError:
                time.sleep(BREATH_SECONDS)
            except httpx.HTTPStatusError as error:
                if error.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    raise


if __name__ == "__main__":
    reader = Reader()
    reader.follow(sys.argv[1], sys.argv[2:])
    print(json.dumps(reader.positions))  # noqa: T201 (its answer)
