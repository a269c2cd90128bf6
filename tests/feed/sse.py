"""A reader of server-sent events, as strict about their form as a browser, and stricter about their order."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx

SSE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands between two empty lines."""

    id: str
    data: str | None
    retry: int | None = None
    """Milliseconds after which to come again: the server is about to end the stream."""

    @property
    def position(self) -> int:
        """Of the cursor; and of the event, if there is one."""
        position = int(self.id.partition(".")[2])
        assert self.data is None or json.loads(self.data)["position"] == position
        return position


def frames_of(lines: Iterable[str]) -> Iterator[Frame]:
    """Every frame has an id; one without data is a sign of life and says so in a comment."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            assert name in {"", "id", "data", "retry"}, line
            assert name not in fields, line
            fields[name] = value.removeprefix(" ")
        else:
            assert ("data" in fields) is not ("" in fields), fields
            yield Frame(fields["id"], fields.get("data"), int(fields["retry"]) if "retry" in fields else None)
            fields = {}
    assert not fields, "the stream ended within a frame"


@contextmanager
def listening(client: httpx.Client, last_event_id: str | None = None, **query: Any) -> Iterator[Iterator[Frame]]:  # noqa: ANN401 (whatever a query holds)
    """The live feed, for as long as one listens."""
    headers = {"Accept": SSE, **({"Last-Event-ID": last_event_id} if last_event_id else {})}
    with client.stream("GET", "/v1/events", params=query, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith(SSE)
        yield frames_of(answer.iter_lines())


def told(frames: Iterable[Frame], number: int) -> list[str]:
    """So many events, verbatim."""
    return list(islice((frame.data for frame in frames if frame.data is not None), number))


def positions(frames: Iterable[Frame], number: int) -> list[int]:
    """The positions of so many events."""
    return list(islice((frame.position for frame in frames if frame.data is not None), number))
