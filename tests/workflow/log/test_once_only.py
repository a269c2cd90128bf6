"""What is asked twice happens once: one event for each caller's key, one open case for each account."""

import asyncio

import pytest

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Answer, Ask, KeyReused, RefusedNow, StillRunning
from secor_workflow.domain.context import Actor, Role
from secor_workflow.log.append import Appended, Conflict, Duplicate
from secor_workflow.log.log import Log
from workflow.log.clerks import clerks
from workflow.log.services import a_log, a_service
from workflow.log.stories import STAFF, Story, new_account, registration, standing


def asked(account: str, key: str | None) -> Ask:
    return Ask(actor=STAFF, wish=registration(account), body=account.encode(), idempotency_key=key)


async def test_a_key_used_before_writes_nothing(log: Log) -> None:
    await log.append(Story().next(key="once"))

    assert await log.append(Story().next(key="once")) == Duplicate()
    assert await log.head() == 1


async def test_a_key_used_twice_in_one_batch_writes_one_event(log: Log) -> None:
    outcomes = await asyncio.gather(*(log.append(Story().next(key="once")) for _ in range(10)))

    assert outcomes == [Appended(1), *[Duplicate()] * 9]


async def test_a_key_used_through_two_logs_at_once_writes_one_event(url: str, log: Log) -> None:
    async with a_log(url) as other:
        outcomes = await asyncio.gather(*(each.append(Story().next(key="once")) for each in (log, other) * 5))

    assert sorted(map(type, outcomes), key=str) == [Appended, *[Duplicate] * 9]
    assert await log.head() == 1


async def test_a_key_belongs_to_its_caller(log: Log) -> None:
    other = Actor("staff-2", Role.STAFF)

    outcomes = await asyncio.gather(*(log.append(Story().next(key="mine", by=actor)) for actor in (STAFF, other)))

    assert outcomes == [Appended(1), Appended(2)]


async def test_a_refused_append_does_not_use_up_its_key(log: Log) -> None:
    story = Story()
    rival = story.rival(key="again")
    await log.append(story.next())

    assert await log.append(rival) == Conflict()
    assert await log.append(story.next(key="again")) == Appended(2)


async def test_what_a_key_became_is_found_again(log: Log) -> None:
    append = Story().next(key="once")
    await log.append(append)

    recorded = await log.recorded(STAFF.id, "once")

    assert recorded is not None
    assert recorded.event.event_id == append.event_id
    assert recorded.text == (await log.page(0, 1)).texts[0]
    assert await log.recorded("somebody-else", "once") is None


async def test_two_registrations_of_one_account_in_one_batch_open_one_case(log: Log) -> None:
    account = new_account()

    outcomes = await asyncio.gather(*(log.append(Story(account).next()) for _ in range(2)))

    assert outcomes == [Appended(1), Conflict()]


async def test_two_registrations_of_one_account_at_once_open_one_case(url: str, rooms: Rooms) -> None:
    account = new_account()
    async with a_service(url) as other:
        answers = await asyncio.gather(
            *(each.handler.handle(None, asked(account, None)) for each in (rooms, other) * 4), return_exceptions=True
        )

    refused = [answer for answer in answers if isinstance(answer, RefusedNow)]
    assert len(refused) == 7
    assert {refusal.code for no in refused for refusal in no.refusals} == {"case_exists"}
    assert await rooms.log.head() == 1


async def test_a_wish_asked_again_gets_the_recorded_answer(rooms: Rooms) -> None:
    account = new_account()
    first = await rooms.handler.handle(None, asked(account, "once"))

    again = await rooms.handler.handle(None, asked(account, "once"))

    assert (again.text, again.case, again.replayed) == (first.text, first.case, True)
    assert await rooms.log.head() == 1


async def test_a_key_used_for_another_wish_is_refused(rooms: Rooms) -> None:
    account = new_account()
    first = await rooms.handler.handle(None, asked(account, "once"))

    with pytest.raises(KeyReused):
        await rooms.handler.handle(None, asked(new_account(), "once"))
    with pytest.raises(KeyReused):
        await rooms.handler.handle(first.case.case_id, Ask(actor=STAFF, wish=standing(), idempotency_key="once"))
    assert await rooms.log.head() == 1


async def test_a_wish_asked_again_while_it_is_being_granted_is_told_so(rooms: Rooms) -> None:
    account = new_account()

    answers = await asyncio.gather(
        *(rooms.handler.handle(None, asked(account, "once")) for _ in range(3)), return_exceptions=True
    )

    assert [type(answer) for answer in answers[1:]] == [StillRunning, StillRunning]
    assert not isinstance(answers[0], BaseException)
    assert await rooms.log.head() == 1


async def test_a_wish_asked_again_elsewhere_gets_the_recorded_answer_however_soon(url: str, rooms: Rooms) -> None:
    """Also when the first is written after the second has looked for its key and before it reads the case."""
    async with a_service(url) as other:

        async def after(seconds: float, account: str) -> Answer:
            await asyncio.sleep(seconds)
            return await other.handler.handle(None, asked(account, account))

        for step in range(40):
            account = new_account()
            first, second = await asyncio.gather(
                rooms.handler.handle(None, asked(account, account)), after(step * 0.00025, account)
            )
            assert first.text == second.text


async def test_two_processes_asked_the_same_write_one_event_and_answer_alike(url: str) -> None:
    async with clerks(url, 2) as pair, a_log(url) as log:
        for number in range(1, 6):
            account = new_account()
            answers = await asyncio.gather(*(each.ask("register", account=account, key=account) for each in pair))

            assert len({answer["text"] for answer in answers}) == 1
            assert sorted(answer["replayed"] for answer in answers) == [False, True]
            assert await log.head() == number
