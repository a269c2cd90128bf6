"""The feed client: pages of events after a cursor, by long poll."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from secor_notifier.domain.event import Deadline, Event
from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient, WorkflowRefusalError
from secor_notifier.zone import local_date

BATCH = "application/cloudevents-batch+json"
PREFIX = "ca.go2hr.secor."
OK = 200
GONE = 410
BAD_REQUEST = 400


class CursorGoneError(Exception):
    """The log is not the one we were reading: it goes on from `last_common`, or from its start."""

    def __init__(self, last_common: str | None) -> None:
        super().__init__(f"The feed no longer knows our cursor; it offers {last_common!r}.")
        self.last_common = last_common


@dataclass(frozen=True)
class FeedPage:
    """Some events in order, the cursor behind them, and whether they end at the log's head."""

    events: tuple[Event, ...]
    next_cursor: str | None
    at_head: bool


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


class _Gone(_Wire):
    last_common: str | None = None


EVENTS = TypeAdapter(tuple[_CloudEvent, ...])


@dataclass(frozen=True)
class Feed:
    """The workflow's log as a consumer reads it."""

    client: WorkflowClient
    page_size: int = field(default=500)

    async def page(self, after: str | None, wait: int) -> FeedPage:
        """The next page, at once if there is one, else after waiting so many seconds for it."""
        params: dict[str, str | int] = {"limit": self.page_size, "wait": wait}
        if after is not None:
            params["after"] = after
        answer = await self.client.ask_ours("/v1/events", params=params, wait=wait, accept=BATCH)
        try:
            if answer.status_code == GONE:
                raise CursorGoneError(_Gone.model_validate_json(answer.content).last_common)
            if answer.status_code == BAD_REQUEST and after is not None:
                raise CursorGoneError(None)  # it cannot read the cursor that we keep, so it is another log
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
        return FeedPage(events, next_cursor or after, at_head=len(events) < self.page_size)
