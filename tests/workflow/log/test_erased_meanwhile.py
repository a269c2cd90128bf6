"""Somebody who is erased while a wish about them is being decided stays erased."""

from uuid import UUID

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.domain.beside import Person
from secor_workflow.domain.commands import UpdateEmployer
from secor_workflow.handler import Handler
from secor_workflow.people import People
from workflow.log.services import erase
from workflow.log.stories import STAFF, people_of, registration


class JustErased(People):
    """Erases whoever it was asked about, a moment after it has answered."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms.log.engine)
        self.rooms = rooms

    async def known_in(self, case_id: UUID) -> dict[str, UUID]:
        known = await super().known_in(case_id)
        for person_id in known.values():
            await erase(self.rooms, person_id)
        return known


async def test_a_wish_about_somebody_erased_meanwhile_makes_a_new_person(rooms: Rooms) -> None:
    wish = registration()
    first = await rooms.handler.handle(None, Ask(actor=STAFF, wish=wish))
    erased = first.case.contact_id
    assert erased in {UUID(str(person)) for person in people_of(wish)}
    same_ids = rooms.handler._new_id  # noqa: SLF001 (there is no other way to them)
    handler = Handler(rooms.log, JustErased(rooms), rooms.circumstances, same_ids)
    contact = Person(name=wish.contact.name, email=wish.contact.email)
    updated = await handler.handle(first.case.case_id, Ask(actor=STAFF, wish=UpdateEmployer(contact=contact)))
    assert updated.case.contact_id != erased
    gone = await rooms.people.person(erased)
    assert gone is not None
    assert gone.name is None
