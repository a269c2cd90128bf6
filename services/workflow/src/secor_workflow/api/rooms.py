"""The rooms that a request may enter, as the application holds them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from secor_workflow.api.measuring import Measuring
from secor_workflow.api.rates import Rates
from secor_workflow.api.streams import Streams
from secor_workflow.approvals import Approvals
from secor_workflow.circumstances import Circumstances
from secor_workflow.clock import Clock
from secor_workflow.credentials.identities import Identities
from secor_workflow.credentials.persons import Persons
from secor_workflow.credentials.tokens import Tokens
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions
from secor_workflow.documents.scanner import Scanner
from secor_workflow.domain.policy import Policies
from secor_workflow.erasure import Erasure
from secor_workflow.handler import Handler
from secor_workflow.intake import Intake
from secor_workflow.keys import Keys
from secor_workflow.leaving import Leaving
from secor_workflow.log.log import Log
from secor_workflow.log.tail import Tail
from secor_workflow.opened import Opened
from secor_workflow.people import People
from secor_workflow.people_reads import PeopleReads
from secor_workflow.people_retention import PeopleRetention
from secor_workflow.refusals import Refusals
from secor_workflow.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    settings: Settings
    leaving: Leaving
    opened: Opened
    log: Log
    tail: Tail
    people: People
    people_reads: PeopleReads
    people_retention: PeopleRetention
    erasure: Erasure
    keys: Keys
    identities: Identities
    persons: Persons
    approvals: Approvals
    tokens: Tokens
    rates: Rates
    streams: Streams
    refusals: Refusals
    blobs: Blobs
    condition: Conditions
    scanner: Scanner
    policies: Policies
    clock: Clock
    circumstances: Circumstances
    handler: Handler
    measuring: Measuring
    tracing: "TracerProvider | None"
    intake: Intake
    catch_up: Callable[[], Awaitable[object]]
    """Let the clock do all that is due now."""


def rooms_of(request: Request) -> Rooms:
    rooms: Rooms | None = request.scope.get("rooms")
    if rooms is None:
        rooms = request.scope["rooms"] = cast("Rooms", request.app.state.rooms)
    return rooms


async def _rooms(request: Request) -> Rooms:
    """As above; a dependency that is no coroutine would be run in another thread, for every request."""
    return rooms_of(request)


InRooms = Annotated[Rooms, Depends(_rooms)]
