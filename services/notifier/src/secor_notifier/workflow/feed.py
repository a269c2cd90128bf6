"""The feed client: pages of events after a cursor, by long poll."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from secor_notifier.domain.event import Deadline, Event
from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient, WorkflowRefusalError
from secor_notifier.zone import local_date

BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
PREFIX = "ca.go2hr.secor."
OK = 200
GONE = 410
BAD_REQUEST = 400
_ARCHIVED = "archived"


class CursorGoneError(Exception):
    """The log is not the one we were reading: they are the same up to the position `last_common`."""

    def __init__(self, last_common: int) -> None:
        super().__init__(f"The feed no longer knows our cursor; the logs are the same up to position {last_common}.")
        self.last_common = last_common


@dataclass(frozen=True)
class FeedPage:
    """Some events in order, the cursor behind them, and whether they end at the log's head.

    `bodies`: the same events as the feed tells them, if they were asked for.
    """

    events: tuple[Event, ...]
    next_cursor: str | None
    at_head: bool
    bodies: tuple[str, ...] = ()


class _Wire(BaseModel):
    """Consumers ignore what they do not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Deadline(_Wire):
    name: str
    due_on: date
    owner: str = "staff"
    missed: bool = False


class _Data(_Wire):
    state: str = ""
    fact: Mapping[str, object] = Field(default_factory=dict)
    deadlines: tuple[_Deadline, ...] = ()


class _CloudEvent(_Wire):
    id: str
    type: str
    subject: str
    time: AwareDatetime
    position: Annotated[int, Field(ge=1)]
    data: _Data

    def event(self) -> Event:
        return Event(
            event_id=self.id,
            case_id=self.subject,
            position=self.position,
            type=self.type.removeprefix(PREFIX).rpartition(".v")[0] or self.type,
            happened_at=self.time,
            happened_on=local_date(self.time),
            state=self.data.state,
            deadlines=tuple(Deadline(one.name, one.due_on, one.owner, one.missed) for one in self.data.deadlines),
            fact=self.data.fact,
        )


@dataclass(frozen=True)
class Head:
    """The newest position, and the cursor behind it."""

    cursor: str
    position: int


class History(_Wire):
    """A case's events in one answer."""

    items: tuple[_CloudEvent, ...]

    def events(self) -> tuple[Event, ...]:
        return tuple(one.event() for one in self.items)


class _Gone(_Wire):
    code: str = ""
    last_common: str | None = None
    last_common_position: int = 0


EVENTS = TypeAdapter(tuple[_CloudEvent, ...])
HEAD = TypeAdapter(Head)


@dataclass(frozen=True)
class Feed:
    """The workflow's log as a consumer reads it."""

    client: WorkflowClient
    page_size: int = field(default=500)

    async def page(self, after: str | None, wait: int, *, whole: bool = False, only: str | None = None) -> FeedPage:
        """The next page, at once if there is one, else after waiting so many seconds for it; `only` of one type.

        What was archived is passed over: cases with events in an archive are closed, so nothing is owed about them.
        """
        params: dict[str, str | int] = {"limit": self.page_size, "wait": wait}
        if after is not None:
            params["after"] = after
        if only is not None:
            params["type"] = only
        answer = await self.client.ask_ours("/v1/events", params=params, wait=wait, accept=BATCH)
        try:
            if answer.status_code == GONE:
                gone = _Gone.model_validate_json(answer.content)
                if gone.code != _ARCHIVED or gone.last_common in {None, after}:
                    raise CursorGoneError(gone.last_common_position)
                return await self.page(gone.last_common, wait, whole=whole, only=only)
            if answer.status_code == BAD_REQUEST and after is not None:
                raise CursorGoneError(0)  # it cannot read the cursor that we keep, so it is another log
            if answer.status_code != OK:
                raise WorkflowRefusalError(answer.status_code, "/v1/events")
            events = tuple(one.event() for one in EVENTS.validate_json(answer.content))
        except ValidationError as error:
            # Without the answer's own words: an error is logged, and must not carry what it could not read.
            places = [one["loc"] for one in error.errors(include_url=False, include_input=False)]
            raise WorkflowAwayError(f"The feed says something that is not in the contract, at {places[:3]}.") from None
        next_cursor = answer.headers.get("Next-Cursor")
        if events and next_cursor is None:
            raise WorkflowAwayError("The feed gave a page of events without the cursor behind it.")
        bodies = _bodies(answer.content) if whole else ()
        return FeedPage(events, next_cursor or after, at_head=len(events) < self.page_size, bodies=bodies)

    async def stream(self, after: str | None, size: int) -> AsyncGenerator[FeedPage, None]:
        """The log up to its head in one answer, some events at a time; the cursor behind them is the last one's id."""
        params: dict[str, str | int] = {"after": after} if after else {}
        events: list[Event] = []
        async for line in self.client.lines("/v1/events", params=params, accept=NDJSON):
            try:
                events.append(_CloudEvent.model_validate_json(line).event())
            except ValidationError:
                raise WorkflowAwayError("The feed streams something that is not in the contract.") from None
            if len(events) == size:
                yield FeedPage(tuple(events), events[-1].event_id, at_head=False)
                events.clear()
        if events:
            yield FeedPage(tuple(events), events[-1].event_id, at_head=False)

    async def head(self) -> Head:
        """Where the log ends now."""
        answer = await self.client.ask_ours("/v1/events/head")
        if answer.status_code != OK:
            raise WorkflowRefusalError(answer.status_code, "/v1/events/head")
        try:
            return HEAD.validate_json(answer.content)
        except ValidationError:
            raise WorkflowAwayError("The feed's head is not in the contract.") from None


def _bodies(content: bytes) -> tuple[str, ...]:
    return tuple(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in json.loads(content))
