"""What the API asks and says of webhooks, field by field."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from secor_notifier.api.shapes import Instant, Strict
from secor_notifier.webhooks.destination import LONGEST
from secor_notifier.webhooks.rows import Because, Delivery, DeliveryStatus, Endpoint

EventName = Annotated[str, Field(pattern=r"^(\*|[A-Z][A-Za-z]{0,63})$", examples=["NoticeFiled"])]
DeadlineName = Annotated[str, Field(pattern=r"^[a-z_]{1,64}$", examples=["audit_submission"])]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class NewEndpoint(Strict):
    """Where to post, and which events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://hooks.example.com/secor", "events": ["NoticeFiled", "QAPassed"]}]
        }
    )

    url: Annotated[str, Field(min_length=1, max_length=LONGEST, examples=["https://hooks.example.com/secor"])] = Field(
        description="An https address on the public internet; it is never followed to another by a redirect."
    )
    events: Annotated[list[EventName], Field(min_length=1, max_length=100)] = Field(
        description="Types of events as the workflow names them, without prefix and version, or `*` for all."
    )
    deadlines: Annotated[list[DeadlineName], Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="Only events after which one of these deadlines stands, or which are about one of them.",
    )
    description: Line | None = Field(default=None, description="For people: whose system this is.")


class EndpointShape(BaseModel):
    """An endpoint and how it is doing; its secret is not among what is told."""

    endpoint_id: str
    made_by: str = Field(description="The actor who made it; that their key has ended does not end it.")
    url: str
    events: list[str]
    deadlines: list[str] | None
    description: str | None
    made_at: Instant
    enabled: bool
    disabled_at: Instant | None
    disabled_because: Because | None = Field(description="On request, after failing too long, or by its own 410.")
    position: int = Field(
        description="Every event up to this position of the log is delivered or among its deliveries."
    )
    failures: int = Field(description="Attempts since the last good one.")
    failing_since: Instant | None
    previous_secret_until: Instant | None = Field(
        description="Until when the secret before the last rotation signs too."
    )

    @staticmethod
    def fields_of(endpoint: Endpoint) -> dict[str, object]:
        return {
            "endpoint_id": endpoint.endpoint_id,
            "made_by": endpoint.owner,
            "url": endpoint.url,
            "events": sorted(endpoint.interest.events),
            "deadlines": sorted(endpoint.interest.deadlines) or None,
            "description": endpoint.description,
            "made_at": endpoint.made_at,
            "enabled": endpoint.disabled_at is None,
            "disabled_at": endpoint.disabled_at,
            "disabled_because": endpoint.disabled_because,
            "position": endpoint.position,
            "failures": endpoint.failures,
            "failing_since": endpoint.failing_since,
            "previous_secret_until": endpoint.previous_until,
        }

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointShape":
        return cls.model_validate(cls.fields_of(endpoint))


class EndpointWithSecret(EndpointShape):
    """Told once: when the endpoint is made, and when its secret is rotated."""

    secret: str | None = Field(
        description="Keep it: it is never told again, not even to the same request repeated; rotate if it was lost.",
        examples=["whsec_…"],
    )


class EndpointsShape(BaseModel):
    items: list[EndpointShape]
    next: str | None = Field(description="The cursor of the next page, if there is one.")


class DeliveryShape(BaseModel):
    """One event for one endpoint; `delivery_id` is its `webhook-id`, the same in every attempt."""

    delivery_id: str
    event_id: str
    event_type: str
    position: int | None = Field(description="Of the event in the log; none for a ping.")
    case_id: str | None
    status: DeliveryStatus
    made_at: Instant
    attempts: int
    next_attempt_at: Instant | None
    last_attempt_at: Instant | None
    last_status: int | None = Field(description="The status which the endpoint answered last, if it did.")
    last_error: str | None
    delivered_at: Instant | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryShape":
        return cls.model_validate(delivery, from_attributes=True)


class DeliveriesShape(BaseModel):
    items: list[DeliveryShape]
    next: str | None = Field(description="The cursor of the next page, if there is one.")
