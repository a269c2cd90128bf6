"""What mail systems say of letters after their hand-over."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from secor_notifier.api.callers import Reporter
from secor_notifier.api.documented import documented
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import Nothing, ReminderShape, Strict
from secor_notifier.ledger import Delivery
from secor_notifier.ledger.deliveries import Report

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/delivery-reports",
    tags=["reminders"],
    responses=documented(401, 403, 422, 503),
)
LONGEST_AGO = timedelta(days=366)
CLOCKS_DIFFER = timedelta(days=1)


class DeliveryReport(Strict):
    """About one message; no address, and none of the mail server's own words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "message_id": "<5ec0a000-0000-5000-8000-00000000000d@secor.example>",
                    "delivery": "failed",
                    "status": "5.1.1",
                }
            ]
        }
    )

    message_id: Annotated[str, Field(pattern=r"^<[^<>\s\x00-\x1f\x7f]{1,250}>$", examples=["<01ab@secor.example>"])]
    delivery: Delivery
    status: Annotated[str, Field(pattern=r"^[245]\.\d{1,3}\.\d{1,3}$", examples=["5.1.1"])] | None = Field(
        default=None, description="The enhanced status code (RFC 3463)."
    )
    at: AwareDatetime | None = Field(default=None, description="When; now, if it is not said.")


class Reported(BaseModel):
    items: list[ReminderShape] = Field(description="The reminders that went out as this message.")


@router.post(
    "",
    operation_id="report_delivery",
    summary="Tell what became of a letter",
    dependencies=[Depends(only_json)],
    responses=documented(400, 404, 409, 413, 415),
    response_model=Reported,
)
async def report(
    wish: DeliveryReport, _query: Annotated[Nothing, Query()], house: House, known: Reporter, only_once: OnlyOnce
) -> object:
    """A letter that came back is shown on the case's timeline and in the staff's digest until it is sent again."""

    async def work() -> Reported:
        now = house.correspondence.clock.now()
        if wish.at and not now - LONGEST_AGO <= wish.at <= now + CLOCKS_DIFFER:
            raise invalid("/at", "A report is of the last year, and not of a day to come.")
        at = wish.at or now
        found = await house.reports.take(Report(wish.message_id, wish.delivery, at, wish.status))
        if not found:
            raise Problem("not_found", "No letter of ours went out under this Message-ID.")
        return Reported(items=[ReminderShape.of(one) for one in found])

    return await only_once.answer(known, work)
