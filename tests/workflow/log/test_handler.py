"""A wish is granted on the case as it stands, decided again if the case moved on, and answered the same for ever."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Answer, Ask, CaseMovedOn, RefusedNow, UnknownCase
from secor_workflow.database.tables import metadata
from secor_workflow.domain.beside import Text
from secor_workflow.domain.commands import PlaceHold, Wish
from secor_workflow.domain.context import Actor, Role
from workflow.log.services import a_service
from workflow.log.stories import STAFF, naming, registration, someone, standing


async def grant(rooms: Rooms, wish: Wish, case: Answer | None = None, **more: Any) -> Answer:  # noqa: ANN401 (the parts of an Ask)
    return await rooms.handler.handle(case.case.case_id if case else None, Ask(actor=STAFF, wish=wish, **more))


async def tables(rooms: Rooms) -> Mapping[str, list[str]]:
    """Everything that stands in the database."""
    async with rooms.log.engine.connect() as connection:
        return {
            name: sorted(map(repr, await connection.execute(sa.select(table))))
            for name, table in metadata.tables.items()
        }


async def test_the_answer_is_what_stands_in_the_log(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    named = await grant(rooms, naming(), case)

    assert (await rooms.log.page(0, 10)).texts == (case.text, named.text)
    assert [text for _, text in await rooms.log.texts_of(case.case.case_id)] == [case.text, named.text]
    assert await rooms.log.case(case.case.case_id) == named.case


async def test_a_caller_who_knows_the_version_is_granted(rooms: Rooms) -> None:
    case = await grant(rooms, registration())

    assert (await grant(rooms, naming(), case, if_match=1)).case.version == 2


async def test_a_caller_whose_version_is_stale_is_told_what_happened_since(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    await grant(rooms, naming(), case)
    await grant(rooms, standing(), case)
    before = await tables(rooms)

    with pytest.raises(CaseMovedOn) as moved:
        await grant(rooms, standing(good=False), case, if_match=1)

    assert moved.value.version == 3
    assert [event.type for event in moved.value.since] == ["ChampionNamed", "StandingRecorded"]
    assert await tables(rooms) == before


async def test_of_many_who_know_the_same_version_one_is_granted(url: str, rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    async with a_service(url) as other:
        answers = await asyncio.gather(
            *(grant(each, standing(), case, if_match=1) for each in (rooms, other) * 4), return_exceptions=True
        )

    assert sorted(type(answer).__name__ for answer in answers) == ["Answer", *["CaseMovedOn"] * 7]
    assert len(await rooms.log.texts_of(case.case.case_id)) == 2


async def test_of_two_that_exclude_each_other_one_is_refused(url: str, rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    async with a_service(url) as other:
        answers = await asyncio.gather(
            grant(rooms, naming(someone("Kim Ash", "kim@heron.example")), case),
            grant(other, naming(someone("Lee Oak", "lee@heron.example")), case),
            return_exceptions=True,
        )

    (refused,) = [answer for answer in answers if isinstance(answer, RefusedNow)]
    assert [refusal.code for refusal in refused.refusals] == ["not_now"]
    assert refused.case.state == "ChampionNamed"
    assert len(await rooms.log.texts_of(case.case.case_id)) == 2


async def test_wishes_that_do_not_exclude_each_other_are_all_granted(url: str, rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    async with a_service(url) as other:
        answers = await asyncio.gather(*(grant(each, standing(), case) for each in (rooms, other) * 5))

    assert sorted(answer.case.version for answer in answers) == list(range(2, 12))
    assert [event.version for event in await rooms.log.events_of(case.case.case_id)] == list(range(1, 12))


@pytest.mark.parametrize("known", [True, False], ids=["on a case", "to open one"])
async def test_a_dry_run_answers_and_writes_nothing(rooms: Rooms, *, known: bool) -> None:
    case = await grant(rooms, registration()) if known else None
    before = await tables(rooms)

    answer = await grant(rooms, naming() if known else registration(), case, dry_run=True, idempotency_key="dry")

    assert answer.case.state == ("ChampionNamed" if known else "Registered")
    assert answer.text.startswith('{"position":null,')
    assert await tables(rooms) == before


async def test_a_dry_run_is_refused_as_the_real_one_would_be(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    await grant(rooms, naming(), case)
    before = await tables(rooms)

    refusals = []
    for dry_run in (True, False):
        with pytest.raises(RefusedNow) as refused:
            await grant(rooms, naming(), case, dry_run=dry_run)
        refusals.append(refused.value.refusals)

    assert refusals[0] == refusals[1]
    assert await tables(rooms) == before


async def test_a_dry_run_does_not_use_up_its_key(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    await grant(rooms, naming(), case, dry_run=True, idempotency_key="once")

    assert not (await grant(rooms, naming(), case, idempotency_key="once")).replayed


async def test_a_wish_asked_again_after_many_events_gets_the_very_same_answer(url: str, rooms: Rooms) -> None:
    case = await grant(rooms, registration(), idempotency_key="register")
    held = await grant(rooms, PlaceHold(reason=Text("Robin is away.")), case, idempotency_key="hold")
    for _ in range(10):
        await grant(rooms, standing(), case)
    before = await tables(rooms)

    async with a_service(url) as restarted:
        assert await grant(restarted, registration(), idempotency_key="register") == replace(case, replayed=True)
        again = await grant(restarted, PlaceHold(reason=Text("Robin is away.")), case, idempotency_key="hold")

    assert again == replace(held, replayed=True)
    assert await tables(rooms) == before


async def test_a_stale_version_does_not_matter_to_a_wish_asked_again(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    named = await grant(rooms, naming(), case, if_match=1, idempotency_key="once")
    await grant(rooms, standing(), case)

    assert await grant(rooms, naming(), case, if_match=1, idempotency_key="once") == replace(named, replayed=True)


async def test_a_case_that_does_not_exist_is_unknown_and_so_is_a_stranger_s(rooms: Rooms) -> None:
    case = await grant(rooms, registration())
    stranger = Actor("employer-2", Role.EMPLOYER, "000000")

    for asked in (
        rooms.handler.handle(uuid7(), Ask(actor=stranger, wish=standing())),
        rooms.handler.handle(case.case.case_id, Ask(actor=stranger, wish=standing())),
    ):
        with pytest.raises(UnknownCase):
            await asked


async def test_a_wish_on_an_unknown_case_is_unknown_to_staff_too(rooms: Rooms) -> None:
    with pytest.raises(UnknownCase):
        await rooms.handler.handle(uuid7(), Ask(actor=STAFF, wish=standing()))
