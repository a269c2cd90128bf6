"""What the routes may use; main.py puts it together."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from secor_notifier.api.measuring import Measuring
from secor_notifier.api.problems import Problem
from secor_notifier.calendars.library import Library
from secor_notifier.channels import Door
from secor_notifier.correspondence import Correspondence
from secor_notifier.errand import Errand
from secor_notifier.leaving import Leaving
from secor_notifier.ledger import Ledger, Outbox, Wishes
from secor_notifier.ledger.answers import Answers
from secor_notifier.ledger.deliveries import DeliveryReports
from secor_notifier.ledger.reading import Reading
from secor_notifier.plan import Plan
from secor_notifier.pulse import Pulse
from secor_notifier.timeline import Timeline
from secor_notifier.way_out import WayOut
from secor_notifier.webhooks.courier import Courier
from secor_notifier.worker import Worker
from secor_notifier.workflow import Identity, Vocabulary


@dataclass(frozen=True)
class Rooms:
    leaving: Leaving
    ledger: Ledger
    reading: Reading
    wishes: Wishes
    outbox: Outbox
    answers: Answers
    reports: DeliveryReports
    plan: Plan
    timeline: Timeline
    correspondence: Correspondence
    identity: Identity
    vocabulary: Vocabulary
    worker: Worker
    pulse: Pulse
    courier: Courier
    library: Library
    way_out: WayOut
    door: Door
    measuring: Measuring
    errands: tuple[Errand, ...]
    webhooks_anywhere: bool
    public_url: str


def rooms(request: Request) -> Rooms:
    found: Rooms | None = getattr(request.app.state, "rooms", None)
    if found is None:
        raise Problem(
            "unavailable",
            "Not ready: database. The notifier is starting and waits for it.",
            more={"checks": {"database": "does not answer"}},
        )
    return found


House = Annotated[Rooms, Depends(rooms)]
