"""Everything that is kept about one person, for them to have: their data, where they stand, what names them."""

import re
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, bearer
from secor_workflow.api.people import PERSONAL, PersonView
from secor_workflow.api.people_reads import ReadView, read_view, reads_of, shown
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.domain.events import Event
from secor_workflow.domain.whereabouts import mentions
from secor_workflow.people import KnownPerson, KnownText

router = APIRouter(tags=["people"], dependencies=[Depends(bearer)])

MOST_READS = 200
SHORTEST_NAME = 3


class MentionView(BaseModel):
    """An event of the log in which the person stands, by id."""

    position: int
    type: str
    effective_on: date
    recorded_at: datetime
    names: list[str] = Field(description="As what: `contact_id`, `person_id`, `auditor_id`, ...")


class NamingTextView(BaseModel):
    """A reason, note or answer of the case that names the person."""

    text_id: UUID
    text: str


class ExportView(BaseModel):
    """All that this service keeps about a person. Texts may name others too: look through them before handing it on."""

    person: PersonView
    legal_name: str = Field(description="The employer's.")
    state: str = Field(description="The case's state.")
    roles: list[str] = Field(description="`contact`, `champion`: what the person is in the case now.")
    events: list[MentionView]
    texts: list[NamingTextView]
    other_texts: list[UUID] = Field(description="Texts of the case in which the person was not found by name.")
    documents: list[UUID] = Field(description="Documents of the case; what is in them is not looked through.")
    reads: list[ReadView] = Field(description="Who was shown the person of late, newest first; more at `.../reads`.")
    letters: str = Field(description="Where the notifier lists the letters to this person.")


@router.post(
    "/v1/people/{person_id}:export",
    operation_id="export_person",
    summary="Everything about one person",
    response_model=ExportView,
)
async def export_person(request: Request, person_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """The answer to an access request, as JSON. Changes nothing; 410 once the person was erased."""
    person = await rooms.people.person(uuid_of(person_id))
    if person is None:
        raise not_found("person")
    if person.name is None or person.email is None:
        raise Problem("erased", "This person's data were erased for good.")
    texts = await rooms.people.kept_texts_of(person.case_id)
    naming = [text for text in texts if _names(text, person)]
    await shown(request, actor, rooms, person, *naming)
    view = await _export(person, naming, {text.text_id for text in texts} - {text.text_id for text in naming}, rooms)
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


async def _export(person: KnownPerson, naming: list[KnownText], others: set[UUID], rooms: Rooms) -> ExportView:
    events, case = await rooms.log.events_of(person.case_id), await rooms.log.case(person.case_id)
    assert case.employer is not None  # noqa: S101 (every case begins with one)
    reads = await reads_of(person, rooms, limit=MOST_READS)
    return ExportView(
        person=PersonView(
            person_id=person.person_id,
            case_id=person.case_id,
            name=person.name or "",
            email=person.email or "",
            phone=person.phone,
        ),
        legal_name=case.employer.legal_name,
        state=case.state,
        roles=list(case.roles_of(person.person_id)),
        events=[_mention(one.event, one.names) for one in mentions(events, person.person_id)],
        texts=[NamingTextView(text_id=text.text_id, text=text.text or "") for text in naming],
        other_texts=sorted(others),
        documents=[document.document_id for document in case.documents],
        reads=[read_view(one) for one in reads],
        letters=f"/v1/reminders?recipient={person.person_id}",
    )


def _mention(event: Event, names: tuple[str, ...]) -> MentionView:
    return MentionView(
        position=event.position,
        type=event.type,
        effective_on=event.effective_on,
        recorded_at=event.recorded_at,
        names=list(names),
    )


def _names(text: KnownText, person: KnownPerson) -> bool:
    """Whether a text holds the person's address or number, or any part of the name that is long enough to be one."""
    said = (text.text or "").casefold()
    parts = [part for part in re.findall(r"\w+", (person.name or "").casefold()) if len(part) >= SHORTEST_NAME]
    words = set(re.findall(r"\w+", said))
    whole = [value.casefold() for value in (person.email, person.phone) if value]
    return any(value in said for value in whole) or bool(words & set(parts))
