"""People and texts: reading them, and finding a person by e-mail address; each is put on record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from secor_workflow.api.access import Admin, PeopleReader, bearer
from secor_workflow.api.people_reads import shown
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.asking import may_see
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.values import Email

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


class FindRequest(BaseModel):
    """Whom to look for; in the body, so that no address stands in a URL or a proxy's log."""

    model_config = ConfigDict(extra="forbid", strict=True)

    email: Annotated[Email, Field(examples=["robin@example.com"])]


class FoundView(BaseModel):
    person_id: UUID
    case_id: UUID
    state: str = Field(description="The case's state.")
    roles: list[str] = Field(description="`contact`, `champion`: what this person is in the case now, if anything.")


class FoundList(BaseModel):
    items: list[FoundView]


@router.get(
    "/v1/people/{person_id:kept}", operation_id="read_person", summary="Read a person", response_model=PersonView
)
async def read_person(request: Request, person_id: Id, actor: PeopleReader, rooms: InRooms) -> Response:
    """Name and addresses; 410 once they were erased. Employers read the people of their own cases."""
    person = await rooms.people.person(uuid_of(person_id))
    if person is None or not await _sees(actor, person.case_id, rooms):
        raise not_found("person")
    if person.name is None or person.email is None:
        raise Problem("erased", "This person's data were erased for good.")
    await shown(request, actor, rooms, person)
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
async def read_text(request: Request, text_id: Id, actor: PeopleReader, rooms: InRooms) -> Response:
    """The words behind a `reason_id`, `note_id`, `answer_id` or `filename_id`; 410 once they were erased."""
    text = await rooms.people.text(uuid_of(text_id))
    if text is None or not await _sees(actor, text.case_id, rooms):
        raise not_found("text")
    if text.text is None:
        raise Problem("erased", "This text was erased for good.")
    await shown(request, actor, rooms, text)
    view = TextView(text_id=text.text_id, case_id=text.case_id, text=text.text)
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.post(
    "/v1/people:find", operation_id="find_people", summary="Find a person by e-mail address", response_model=FoundList
)
async def find_people(request: Request, actor: Admin, rooms: InRooms) -> Response:
    """The same address in several cases is a person of each: their ids, and what they are there. Changes nothing."""
    body, _ = await parse(request, FindRequest)
    found = await rooms.people.with_address(body.email)
    await shown(request, actor, rooms, *found)
    items: list[FoundView] = []
    for person in found:
        case = await rooms.log.case(person.case_id)
        roles = case.roles_of(person.person_id)
        items.append(FoundView(person_id=person.person_id, case_id=case.case_id, state=case.state, roles=list(roles)))
    return Response(FoundList(items=items).model_dump_json(), media_type="application/json", headers=PERSONAL)


async def _sees(actor: Actor, case_id: UUID, rooms: InRooms) -> bool:
    """Staff see all people; an employer those of its own case."""
    return actor.role is not Role.EMPLOYER or may_see(actor, await rooms.log.case(case_id))
