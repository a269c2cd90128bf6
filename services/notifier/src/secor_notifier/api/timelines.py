"""A case in one line: events, deadlines and letters."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from secor_notifier.api.callers import CaseReader
from secor_notifier.api.documented import documented
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House
from secor_notifier.api.shapes import UUID, Instant, Nothing
from secor_notifier.timeline import Entry, What
from secor_notifier.workflow import GoneError, NotThereError

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/cases",
    tags=["reminders"],
    responses=documented(401, 404, 422, 503),
)


class EntryShape(BaseModel):
    """Something on the case; `ahead` if it has not come yet."""

    at: Instant
    what: What
    title: str
    ahead: bool
    reminder_id: str | None = Field(description="Of a letter.")
    event_id: str | None = Field(description="Of an event.")
    status: str | None = Field(description="The state after an event; what became of a letter or a deadline.")
    because: str | None
    template_version: str | None = Field(description="Of a letter: as in `GET /v1/reminders`, and so the next two.")
    written_as: str | None
    written_version: str | None

    @classmethod
    def of(cls, entry: Entry) -> "EntryShape":
        return cls.model_validate(entry, from_attributes=True)


class TimelineShape(BaseModel):
    items: list[EntryShape]


@router.get("/{case_id}/timeline", operation_id="read_timeline", summary="Read a case's timeline, oldest first")
async def timeline(
    case_id: Annotated[str, Path(pattern=UUID, description="The id of a case.")],
    _query: Annotated[Nothing, Query()],
    house: House,
    _known: CaseReader,
) -> TimelineShape:
    """What happened, what falls due, which letters went out, which came back, and which are to come within a year."""
    try:
        entries = await house.timeline.of(case_id.lower())
    except (NotThereError, GoneError):
        raise Problem("not_found", "The workflow knows no such case.") from None
    return TimelineShape(items=[EntryShape.of(entry) for entry in entries])
