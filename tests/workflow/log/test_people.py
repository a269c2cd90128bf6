"""People and texts stand or fall with their event, and keep their ids."""

import asyncio

import pytest
import sqlalchemy as sa

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Answer, Ask, RefusedNow
from secor_workflow.database.tables import people, texts
from secor_workflow.domain.beside import Text
from secor_workflow.domain.commands import PlaceHold, UpdateEmployer, Wish
from secor_workflow.log.append import Conflict
from workflow.log.stories import STAFF, Story, naming, new_account, people_of, registration, someone


async def count(rooms: Rooms) -> tuple[int, int]:
    """How many people, how many texts."""
    async with rooms.log.engine.connect() as connection:
        found = [await connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (people, texts)]
    return int(found[0] or 0), int(found[1] or 0)


async def grant(rooms: Rooms, wish: Wish, case: Answer | None = None) -> Answer:
    return await rooms.handler.handle(case.case.case_id if case else None, Ask(actor=STAFF, wish=wish))


async def test_a_person_is_kept_with_the_event_that_names_it(rooms: Rooms) -> None:
    answer = await grant(rooms, registration(contact=someone("Robin Vale", "robin@heron.example")))

    assert answer.case.contact_id is not None
    person = await rooms.people.person(answer.case.contact_id)
    assert person is not None
    assert (person.name, person.email, person.case_id) == ("Robin Vale", "robin@heron.example", answer.case.case_id)
    assert "Robin" not in answer.text


async def test_a_text_is_kept_with_the_event_that_holds_it(rooms: Rooms) -> None:
    case = await grant(rooms, registration())

    held = await grant(rooms, PlaceHold(reason=Text("Robin is away until May.")), case)

    assert held.case.hold is not None
    text = await rooms.people.text(held.case.hold.reason_id)
    assert text is not None
    assert text.text == "Robin is away until May."
    assert "Robin" not in held.text


async def test_an_append_that_conflicts_leaves_no_person(rooms: Rooms) -> None:
    story, wish = Story(), registration(contact=someone())
    rival = story.rival()
    append = story.next(wish)
    with_person = rooms.people.keep(append.case_id, [wish.contact])
    await rooms.log.append(rival)

    outcome = await rooms.log.append(Story(story.account).next(registration(story.account), beside_it=with_person))

    assert outcome == Conflict()
    assert await count(rooms) == (0, 0)
    (contact,) = people_of(wish)
    assert await rooms.people.person(contact) is None


async def test_of_registrations_that_race_only_the_winner_leaves_a_person(rooms: Rooms) -> None:
    account = new_account()

    answers = await asyncio.gather(*(grant(rooms, registration(account)) for _ in range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers].count(RefusedNow) == 4
    assert await count(rooms) == (1, 0)


async def test_a_refused_wish_leaves_no_person_and_no_text(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    await grant(rooms, naming(), case)
    before = await count(rooms)

    with pytest.raises(RefusedNow):
        await grant(rooms, naming(someone("Lee Oak", "lee@heron.example")), case)

    assert await count(rooms) == before


@pytest.mark.parametrize("email", ["robin@heron.example", "ROBIN@Heron.Example"])
async def test_someone_with_the_same_address_keeps_the_id_within_a_case(rooms: Rooms, email: str) -> None:
    case = await grant(rooms, registration(contact=someone("Robin Vale", "robin@heron.example")))

    named = await grant(rooms, naming(someone("Robin Vale-Ash", email)), case)

    assert named.case.champion is not None
    assert named.case.champion.person_id == case.case.contact_id
    person = await rooms.people.person(named.case.champion.person_id)
    assert person is not None
    assert (person.name, person.email) == ("Robin Vale-Ash", email)
    assert await count(rooms) == (1, 0)


async def test_someone_with_another_address_is_someone_else(rooms: Rooms) -> None:
    case = await grant(rooms, registration(contact=someone("Robin Vale", "robin@heron.example")))

    updated = await grant(rooms, UpdateEmployer(contact=someone("Robin Vale", "vale@heron.example")), case)

    assert updated.case.contact_id != case.case.contact_id
    assert await count(rooms) == (2, 0)


async def test_the_same_address_in_two_cases_is_two_people(rooms: Rooms) -> None:
    first, second = await grant(rooms, registration()), await grant(rooms, registration())

    assert first.case.contact_id != second.case.contact_id
