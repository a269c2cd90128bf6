"""People and texts: reading them, and erasing them for good."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.api.access import Admin, PeopleReader, bearer
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.values import Line
from secor_workflow.handler import may_see

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])

PERSONAL = {"Cache-Control": "no-store"}


class PersonView(BaseModel):
    person_id: UUID
    case_id: UUID
    name: str
    email: str
    phone: str | None


class TextView(BaseModel):
    text_id: UUID
    case_id: UUID
    text: str


class EraseRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Line = Field(
        examples=["The person asked for it."], description="Why; it is kept, so do not name the person in it."
    )


class ErasedView(BaseModel):
    """What was erased. `texts` still stand on the same case and may name the person; erase them one by one."""

    id: UUID
    case_id: UUID
    erased_at: datetime
    texts: list[UUID]


@router.get(
    "/v1/people/{person_id:kept}", operation_id="read_person", summary="Read a person", response_model=PersonView
)
async def read_person(person_id: Id, actor: PeopleReader, rooms: InRooms) -> Response:
    """Name and addresses; 410 once they were erased. Employers read the people of their own cases."""
    person = await rooms.people.person(uuid_of(person_id))
    if person is None or not await _sees(actor, person.case_id, rooms):
        raise not_found("person")
    if person.name is None or person.email is None:
        raise Problem("erased", "This person's data were erased for good.")
    view = PersonView(
        person_id=person.person_id, case_id=person.case_id, name=person.name, email=person.email, phone=person.phone
    )
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.get(
    "/v1/texts/{text_id:kept}",
    operation_id="read_text",
    summary="Read a reason, note or answer",
    response_model=TextView,
)
async def read_text(text_id: Id, actor: PeopleReader, rooms: InRooms) -> Response:
    """The words behind a `reason_id`, `note_id`, `answer_id` or `filename_id`; 410 once they were erased."""
    text = await rooms.people.text(uuid_of(text_id))
    if text is None or not await _sees(actor, text.case_id, rooms):
        raise not_found("text")
    if text.text is None:
        raise Problem("erased", "This text was erased for good.")
    view = TextView(text_id=text.text_id, case_id=text.case_id, text=text.text)
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.post(
    "/v1/people/{person_id}:erase",
    operation_id="erase_person",
    summary="Erase a person for good",
    response_model=ErasedView,
)
async def erase_person(request: Request, person_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """The log keeps the id; name, addresses and phone are gone from rows and files. Safe to repeat."""
    body, _ = await parse(request, EraseRequest)
    person = await rooms.people.person(uuid_of(person_id))
    if person is None:
        raise not_found("person")
    await rooms.people.erase_person(person.person_id, by=actor.id, reason=body.reason, now=rooms.clock.now())
    gone = await rooms.people.person(person.person_id)
    return await _erased(person.person_id, person.case_id, gone.erased_at if gone else None, rooms)


@router.post(
    "/v1/texts/{text_id}:erase", operation_id="erase_text", summary="Erase a text for good", response_model=ErasedView
)
async def erase_text(request: Request, text_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """The log keeps the id; the text is gone from rows and files. Safe to repeat."""
    body, _ = await parse(request, EraseRequest)
    text = await rooms.people.text(uuid_of(text_id))
    if text is None:
        raise not_found("text")
    await rooms.people.erase_text(text.text_id, by=actor.id, reason=body.reason, now=rooms.clock.now())
    gone = await rooms.people.text(text.text_id)
    return await _erased(text.text_id, text.case_id, gone.erased_at if gone else None, rooms)


async def _erased(id_: UUID, case_id: UUID, erased_at: datetime | None, rooms: InRooms) -> Response:
    assert erased_at is not None  # noqa: S101 (it was erased a moment ago)
    view = ErasedView(id=id_, case_id=case_id, erased_at=erased_at, texts=await rooms.people.texts_of(case_id))
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


async def _sees(actor: Actor, case_id: UUID, rooms: InRooms) -> bool:
    """Staff see all people; an employer those of its own case."""
    return actor.role is not Role.EMPLOYER or may_see(actor, await rooms.log.case(case_id))
