"""What a process remembers of a case makes it fast; what another process has done since is found out all the same."""

from collections.abc import AsyncIterator

import pytest

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Answer, Ask, CaseMovedOn, RefusedNow
from secor_workflow.domain.beside import Person, Text
from secor_workflow.domain.commands import PlaceHold, ReleaseHold, UpdateEmployer, Wish
from workflow.log.services import a_service, erase
from workflow.log.stories import STAFF, new_account, registration, someone

pytestmark = pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)


@pytest.fixture
async def other(url: str) -> AsyncIterator[Rooms]:
    """Another process of the service, as far as what it remembers goes."""
    async with a_service(url) as opened:
        yield opened


async def send(rooms: Rooms, wish: Wish, to: Answer | None = None, **asked: int | str) -> Answer:
    ask = Ask(actor=STAFF, wish=wish, **asked)  # type: ignore[arg-type]  # the test's own few
    return await rooms.handler.handle(to.case.case_id if to else None, ask)


def hold() -> PlaceHold:
    return PlaceHold(reason=Text("Fire."))


async def test_a_wish_goes_on_from_what_another_process_wrote(rooms: Rooms, other: Rooms) -> None:
    case = await send(rooms, registration())
    await send(other, hold(), case)

    assert (await send(rooms, ReleaseHold(), case)).case.version == 3
    assert (await send(other, hold(), case)).case.version == 4


async def test_a_no_is_said_of_the_case_as_it_is(rooms: Rooms, other: Rooms) -> None:
    case = await send(rooms, registration())
    await send(other, hold(), case)

    with pytest.raises(RefusedNow) as no:
        await send(rooms, hold(), case)

    assert [refusal.code for refusal in no.value.refusals] == ["already_on_hold"]
    assert no.value.case.version == 2


async def test_a_version_that_is_no_longer_the_newest_is_told_with_what_came_since(rooms: Rooms, other: Rooms) -> None:
    case = await send(rooms, registration())
    await send(other, hold(), case)

    with pytest.raises(CaseMovedOn) as no:
        await send(rooms, ReleaseHold(), case, if_match=1)

    assert (no.value.version, [event.type for event in no.value.since]) == (2, ["CaseHeld"])


async def test_an_account_that_another_process_registered_is_taken(rooms: Rooms, other: Rooms) -> None:
    account = new_account()
    first = await send(other, registration(account))

    with pytest.raises(RefusedNow) as no:
        await send(rooms, registration(account))

    assert no.value.ctx.open_case == first.case.case_id


async def test_what_another_process_did_with_the_same_key_is_answered_again(rooms: Rooms, other: Rooms) -> None:
    case = await send(rooms, registration())
    done = await send(other, hold(), case, idempotency_key="once")

    again = await send(rooms, hold(), case, idempotency_key="once")

    assert (again.replayed, again.text) == (True, done.text)


def named(email: str = "kim@heron.example") -> UpdateEmployer:
    return UpdateEmployer(contact=Person(name="Kim Ash", email=email))


async def test_who_is_named_again_is_the_same_person_whichever_process_named_them(rooms: Rooms, other: Rooms) -> None:
    case = await send(rooms, registration(contact=someone("Kim Ash", "kim@heron.example")))
    mine = await send(rooms, named("KIM@heron.example"), case)
    theirs = await send(other, named("lou@heron.example"), case)

    assert mine.case.contact_id == case.case.contact_id
    assert (await send(rooms, named("lou@heron.example"), case)).case.contact_id == theirs.case.contact_id


@pytest.mark.parametrize("where", ["here", "elsewhere"])
async def test_who_was_erased_is_a_new_person_wherever_that_was(rooms: Rooms, other: Rooms, where: str) -> None:
    case = await send(rooms, registration(contact=someone("Kim Ash", "kim@heron.example")))
    assert case.case.contact_id is not None
    await erase(rooms if where == "here" else other, case.case.contact_id)

    again = await send(rooms, named(), case)

    assert again.case.contact_id != case.case.contact_id
    erased = await rooms.people.person(case.case.contact_id)
    assert erased is not None
    assert erased.email is None


async def test_no_address_is_remembered(rooms: Rooms) -> None:
    case = await send(rooms, registration(contact=someone("Kim Ash", "kim@heron.example")))

    remembered = rooms.handler._newest.find(case.case.case_id)  # noqa: SLF001 (what it holds is the promise)

    assert remembered is not None
    assert remembered.people is not None
    assert list(remembered.people.values()) == [case.case.contact_id]
    assert "heron" not in repr(remembered.people)
