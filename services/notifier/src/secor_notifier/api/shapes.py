"""What the API says, field by field; no name and no address among them."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from secor_notifier.domain.recipients import Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Category
from secor_notifier.domain.skip import Cause
from secor_notifier.ledger import Delivery, Reminder, Status
from secor_notifier.plan import Planned

UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
CaseId = Annotated[str, Field(pattern=UUID, description="The id of a case."), AfterValidator(str.lower)]
Instant = Annotated[
    datetime,
    PlainSerializer(lambda value: f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z", return_type=str, when_used="json"),
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
    case_id: str = Field(description="Empty for the digest, which is about all cases.")
    kind: Literal["deadline", "event", "digest"]
    deadline: str | None = Field(description="The deadline it is about, if it is about one.")
    due_on: date | None
    rung: int | None = Field(description="Days from the due date, before it negative; only for kind `deadline`.")
    event_id: str | None = Field(description="The event that called for it; only for kind `event`.")
    event_type: str | None
    letter: str = Field(examples=["deadline_reminder"])
    recipient: str = Field(description="A person's id, or `staff`, or `worksafebc`.")
    recipient_role: Role
    owed_on: date = Field(description="The local day on which its rung or event fell.")
    channel: str = Field(description="By which way it goes.", examples=["mail"])
    category: Category = Field(
        description="A `notice` of which nobody knows whether it arrived goes out again, a `nudge` does not."
    )
    because: str | None = Field(description="Why it is owed.")

    @staticmethod
    def fields_of(decision: Owed) -> dict[str, object]:
        return {
            "reminder_id": decision.reminder_id,
            "case_id": decision.case_id,
            "kind": kind_of(decision),
            "deadline": decision.deadline,
            "due_on": decision.due_on,
            "rung": decision.rung,
            "event_id": decision.event_id,
            "event_type": decision.event_type,
            "letter": decision.letter,
            "recipient": decision.recipient.id,
            "recipient_role": decision.recipient.role,
            "owed_on": decision.owed_on,
            "channel": decision.channel,
            "category": decision.category,
            "because": decision.because,
        }


def kind_of(decision: Owed) -> Literal["deadline", "event", "digest"]:
    if decision.event_id is not None:
        return "event"
    return "deadline" if decision.deadline else "digest"


class ReminderShape(Decision):
    """A decision and what became of it."""

    template_version: str | None = Field(
        description="The version of its letter when it was planned (see `GET /v1/letters`). It is written from the "
        "template as that is when it goes out. Null for what was planned before versions were kept."
    )
    written_as: str | None = Field(
        description="What the last attempt was written from: its own letter, or the one for several that go together."
    )
    written_version: str | None = Field(
        description="The version of that; another than `template_version` when the words have changed since."
    )
    status: Status
    reason: str | None = Field(description="Why it was skipped.")
    cause: Cause | None = Field(description="The same for programs.")
    waits_because: str | None = Field(description="Why it goes out later than it came up.")
    due_at: Instant = Field(description="When it was decided; from then on it is to be sent.")
    sent_at: Instant | None
    attempts: int
    next_attempt_at: Instant | None = Field(
        description="When it is to be tried; whether it is still owed is asked then. `GET /v1/reminders/upcoming` "
        "tells how that would come out as things stand."
    )
    attempt_started_at: Instant | None
    message_id: str | None
    last_error: str | None
    delivery: Delivery | None = Field(description="What was heard of it after the hand-over.")
    delivery_at: Instant | None
    delivery_status: str | None = Field(description="The enhanced status code of that.", examples=["5.1.1"])

    @classmethod
    def of(cls, reminder: Reminder) -> "ReminderShape":
        return cls.model_validate(
            {
                **cls.fields_of(reminder.decision),
                "template_version": reminder.template_version,
                "written_as": reminder.written.letter if reminder.written else None,
                "written_version": reminder.written.version if reminder.written else None,
                "status": reminder.status,
                "reason": reminder.decision.reason,
                "cause": reminder.decision.skip.cause if reminder.decision.skip else None,
                "waits_because": reminder.waits_because,
                "due_at": reminder.due_at,
                "sent_at": reminder.sent_at,
                "attempts": reminder.attempts,
                "next_attempt_at": reminder.next_attempt_at,
                "message_id": reminder.message_id,
                "last_error": reminder.last_error,
                "attempt_started_at": reminder.attempt_started_at,
                "delivery": reminder.delivery,
                "delivery_at": reminder.delivery_at,
                "delivery_status": reminder.delivery_status,
            }
        )


class Reminders(BaseModel):
    items: list[ReminderShape]
    next: str | None = Field(description="The cursor of the next page, if there is one.")


class Comes(Decision):
    """A decision that is to come, as things stand now."""

    will_be_sent: bool
    sends_at: Instant | None = Field(description="When, if it will be sent.")
    waits_because: str | None = Field(description="Why not before then: good hours, or a silence until it ends.")
    template_version: str | None = Field(
        description="Of its letter when it was planned; null while it is only foreseen."
    )
    reason: str | None = Field(description="Why it will not be sent.")
    cause: Cause | None = Field(description="The same for programs.")

    @classmethod
    def of(cls, planned: Planned) -> "Comes":
        skip = planned.decision.skip
        return cls.model_validate(
            {
                **cls.fields_of(planned.decision),
                "will_be_sent": skip is None,
                "sends_at": planned.sends_at,
                "waits_because": planned.waits_because,
                "template_version": planned.template_version,
                "reason": skip.reason if skip else None,
                "cause": skip.cause if skip else None,
            }
        )


class Coming(BaseModel):
    items: list[Comes]
    next: str | None


class CursorShape(BaseModel):
    """How far the notifier has read the workflow's log."""

    cursor: str | None
    position: int
    head_position: int | None = Field(description="The log's head at the last pull, when that pull reached it.")
    lag: int | None
    pulled_at: Instant | None


class ReadyShape(BaseModel):
    status: Literal["ready", "degraded"] = Field(description="`degraded`: letters have no way out at the moment.")
    checks: dict[str, str]
    last_pull_seconds: float | None = Field(description="Since the feed last answered.")
    heartbeat_seconds: float | None = Field(description="Since the worker last looked at what is due.")


class MeaningShape(BaseModel):
    """What a problem's code means, and what to do about it."""

    type: str
    code: str
    status: int
    title: str
    explanation: str
    advice: str = Field(description="The same as `explanation`.", json_schema_extra={"deprecated": True})


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
