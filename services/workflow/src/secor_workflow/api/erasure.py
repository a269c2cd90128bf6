"""Erasing people and texts for good, and who has confirmed that they forgot."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.api.access import Admin, bearer, only
from secor_workflow.api.approvals import NEEDS_TWO, waits_for_another
from secor_workflow.api.erase_requests import ErasePersonRequest, EraseRequest
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.asking import StillRunning
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.values import Code, Requester
from secor_workflow.erasure import Asked, Erased
from secor_workflow.people import KnownPerson

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])

PERSONAL = {"Cache-Control": "no-store"}
Consumer = Annotated[Actor, Depends(only(Role.NOTIFIER, Role.INTEGRATION))]
ErasureReader = Annotated[Actor, Depends(only(Role.STAFF, Role.ADMIN, Role.NOTIFIER, Role.INTEGRATION))]


class ErasedView(BaseModel):
    """What was erased. `texts` still stand on the same case and may name the person; erase them one by one."""

    id: UUID
    case_id: UUID
    erased_at: datetime
    texts: list[UUID]


class ErasedPersonView(ErasedView):
    """As above. Who still is contact or champion of an open case is to be replaced: letters go to others meanwhile."""

    still: list[str] = Field(description="`contact`, `champion`: what the person is in the case even now.")
    erasure: str = Field(description="Where to look who has confirmed.")


class ConfirmationRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    consumer: Code = Field(examples=["notifier"], description="Who has forgotten the person.")


class ConfirmationView(BaseModel):
    consumer: str
    confirmed_at: datetime
    confirmed_by: str = Field(description="The actor that said so.")


class ErasureView(BaseModel):
    """When and why somebody was erased, and who has forgotten them since."""

    person_id: UUID
    case_id: UUID
    erased_at: datetime
    erased_by: str = Field(description="The admin who did it.")
    requested_by: Requester
    reason_id: UUID = Field(description="The reason's words are at /v1/texts/{reason_id}.")
    position: int = Field(description="Of the event `PersonErased` in the log.")
    forgotten_at: datetime | None = Field(
        description="When the values were gone from this service's data files too; null: it is being seen to."
    )
    confirmed: list[ConfirmationView]
    expected: list[str] = Field(description="Who has still to confirm; empty: everybody has.")


@router.post(
    "/v1/people/{person_id}:erase",
    operation_id="erase_person",
    summary="Erase a person for good",
    response_model=ErasedPersonView,
    responses=NEEDS_TWO,
)
async def erase_person(request: Request, person_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """Name, addresses and phone are gone from rows and files, in whatever state the case is. Safe to repeat.

    The log keeps the id and gains one event, `PersonErased`; consumers of the feed forget the person on reading it.
    """
    body, _ = await parse(request, ErasePersonRequest)
    person = await rooms.people.person(uuid_of(person_id))
    if person is None:
        raise not_found("person")
    about = {"requested_by": body.requested_by}
    if person.erased_at is None and (
        waiting := await waits_for_another(request, actor, rooms, switch="erasure", body=body, **about)
    ):
        return waiting
    asked = Asked(actor=actor, requested_by=body.requested_by, reason=body.reason)
    try:
        await rooms.erasure.erase(person, asked)
    except StillRunning:
        raise Problem("unavailable", "The case is very busy; erase again.") from None
    return await _erased_person(person, rooms)


@router.post(
    "/v1/texts/{text_id}:erase",
    operation_id="erase_text",
    summary="Erase a text for good",
    response_model=ErasedView,
    responses=NEEDS_TWO,
)
async def erase_text(request: Request, text_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """The log keeps the id; the text is gone from rows and files. Safe to repeat."""
    body, _ = await parse(request, EraseRequest)
    text = await rooms.people.text(uuid_of(text_id))
    if text is None:
        raise not_found("text")
    if text.erased_at is None and (
        waiting := await waits_for_another(request, actor, rooms, switch="erasure", body=body)
    ):
        return waiting
    await rooms.people.erase_text(text.text_id, by=actor.id, reason=body.reason, now=rooms.clock.now())
    gone = await rooms.people.text(text.text_id)
    assert gone is not None  # noqa: S101 (rows stay)
    assert gone.erased_at is not None  # noqa: S101 (it was erased a moment ago)
    left = await rooms.people.texts_of(text.case_id)
    view = ErasedView(id=text.text_id, case_id=text.case_id, erased_at=gone.erased_at, texts=left)
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.get(
    "/v1/people/{person_id}/erasure",
    operation_id="read_erasure",
    summary="How an erasure stands",
    response_model=ErasureView,
)
async def read_erasure(person_id: Id, _actor: ErasureReader, rooms: InRooms) -> Response:
    """When, by whom, why, who has confirmed and who is still expected to. 404 for who was not erased."""
    return _answer(await _erasure(person_id, rooms), rooms)


@router.post(
    "/v1/people/{person_id}/erasure/confirmations",
    operation_id="confirm_erasure",
    summary="Confirm an erasure",
    response_model=ErasureView,
)
async def confirm_erasure(request: Request, person_id: Id, actor: Consumer, rooms: InRooms) -> Response:
    """A consumer of the feed says that it has forgotten the person. Safe to repeat: the first time stands."""
    body, _ = await parse(request, ConfirmationRequest)
    if (body.consumer == Role.NOTIFIER) is not (actor.role is Role.NOTIFIER):
        detail = "Everybody confirms for themselves: `notifier` is the notifier's own name, and its only one."
        raise Problem("invalid_request", detail, errors=[{"pointer": "/consumer", "detail": detail}])
    erased = await _erasure(person_id, rooms)
    id_, now = erased.person.person_id, rooms.clock.now()
    await rooms.erasure.confirm(id_, body.consumer, by=actor.id, now=now)
    return _answer(await _erasure(person_id, rooms), rooms)


async def _erasure(person_id: str, rooms: Rooms) -> Erased:
    erased = await rooms.erasure.of(uuid_of(person_id))
    if erased is None:
        raise not_found("erasure: the person is unknown or was not erased")
    return erased


def _answer(erased: Erased, rooms: Rooms) -> Response:
    person, fact = erased.person, erased.fact
    confirmed = [ConfirmationView.model_validate(one, from_attributes=True) for one in erased.confirmations]
    said = {one.consumer for one in confirmed}
    view = ErasureView(
        person_id=person.person_id,
        case_id=person.case_id,
        erased_at=erased.event.recorded_at,
        erased_by=erased.event.actor,
        requested_by=fact.requested_by,
        reason_id=fact.reason_id,
        position=erased.event.position,
        forgotten_at=person.forgotten_at,
        confirmed=confirmed,
        expected=[name for name in rooms.settings.erasure_consumers if name not in said],
    )
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


async def _erased_person(person: KnownPerson, rooms: Rooms) -> Response:
    erased = await rooms.erasure.of(person.person_id)
    assert erased is not None  # noqa: S101 (it was erased a moment ago)
    case = await rooms.log.case(person.case_id)
    left = [text for text in await rooms.people.texts_of(person.case_id) if text != erased.fact.reason_id]
    view = ErasedPersonView(
        id=person.person_id,
        case_id=person.case_id,
        erased_at=erased.event.recorded_at,
        texts=left,
        still=list(case.roles_of(person.person_id)),
        erasure=f"/v1/people/{person.person_id}/erasure",
    )
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)
