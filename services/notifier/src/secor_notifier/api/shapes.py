"""What the API says, field by field; no name and no address among them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from secor_notifier.domain.recipients import Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.ledger import Reminder, Status

UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
CaseId = Annotated[str, Field(pattern=UUID, description="The id of a case."), AfterValidator(str.lower)]
Instant = Annotated[
    datetime, PlainSerializer(lambda value: f"{value:%Y-%m-%dT%H:%M:%S.%f}Z", return_type=str, when_used="json")
]


class Strict(BaseModel):
    """What comes in: an unknown field is refused, never dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Strict):
    """A route without parameters."""


class Decision(BaseModel):
    """A letter owed to somebody, and for what."""

    reminder_id: str = Field(
        description="The same for the same letter to the same person, however often it is derived."
    )
    case_id: str
    kind: Literal["deadline", "event"]
    deadline: str | None = Field(description="The deadline it is about, if it is about one.")
    due_on: date | None
    rung: int | None = Field(description="Days from the due date, before it negative; only for kind `deadline`.")
    event_id: str | None = Field(description="The event that called for it; only for kind `event`.")
    event_type: str | None
    letter: str = Field(examples=["deadline_reminder"])
    recipient: str = Field(description="A person's id, or `staff`, or `worksafebc`.")
    recipient_role: Role
    owed_on: date = Field(description="The local day on which its rung or event fell.")

    @staticmethod
    def fields_of(decision: Owed) -> dict[str, object]:
        return {
            "reminder_id": decision.reminder_id,
            "case_id": decision.case_id,
            "kind": "deadline" if decision.event_id is None else "event",
            "deadline": decision.deadline,
            "due_on": decision.due_on,
            "rung": decision.rung,
            "event_id": decision.event_id,
            "event_type": decision.event_type,
            "letter": decision.letter,
            "recipient": decision.recipient.id,
            "recipient_role": decision.recipient.role,
            "owed_on": decision.owed_on,
        }


class ReminderShape(Decision):
    """A decision and what became of it."""

    status: Status
    reason: str | None = Field(description="Why it was skipped.")
    due_at: Instant = Field(description="When it was decided; from then on it is to be sent.")
    sent_at: Instant | None
    attempts: int
    next_attempt_at: Instant | None
    message_id: str | None
    last_error: str | None

    @classmethod
    def of(cls, reminder: Reminder) -> "ReminderShape":
        return cls.model_validate(
            {
                **cls.fields_of(reminder.decision),
                "status": reminder.status,
                "reason": reminder.decision.reason,
                "due_at": reminder.due_at,
                "sent_at": reminder.sent_at,
                "attempts": reminder.attempts,
                "next_attempt_at": reminder.next_attempt_at,
                "message_id": reminder.message_id,
                "last_error": reminder.last_error,
            }
        )


class Reminders(BaseModel):
    items: list[ReminderShape]
    next: str | None = Field(description="The cursor of the next page, if there is one.")


class Upcoming(BaseModel):
    items: list[Decision]
    next: str | None


class CursorShape(BaseModel):
    """How far the notifier has read the workflow's log."""

    cursor: str | None
    position: int
    head_position: int | None = Field(description="The log's head at the last pull, when that pull reached it.")
    lag: int | None
    pulled_at: Instant | None


class ReadyShape(BaseModel):
    status: Literal["ready"]
    checks: dict[str, str]
    last_pull_seconds: float | None = Field(description="Since the feed last answered.")


class MeaningShape(BaseModel):
    """What a problem's code means, and what to do about it."""

    type: str
    code: str
    status: int
    title: str
    advice: str


class ClockShape(BaseModel):
    now: Instant


class SetClock(Strict):
    """Exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["now"]}, {"required": ["advance"]}],
            "examples": [{"advance": "P14D"}],
        }
    )

    now: AwareDatetime | None = Field(default=None, description="The instant which it shall be.")
    advance: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="An ISO 8601 duration to go forward.", examples=["P14D"]
    )
