"""What the routes may use; main.py puts it together."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from secor_notifier.correspondence import Correspondence
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.reading import Reading
from secor_notifier.pulse import Pulse
from secor_notifier.worker import Worker
from secor_notifier.workflow import Identity


@dataclass(frozen=True)
class Rooms:
    ledger: Ledger
    reading: Reading
    correspondence: Correspondence
    identity: Identity
    worker: Worker
    pulse: Pulse


def rooms(request: Request) -> Rooms:
    found: Rooms = request.app.state.rooms
    return found


House = Annotated[Rooms, Depends(rooms)]
