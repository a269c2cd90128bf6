"""Positions are 1, 2, 3 … in commit order, versions likewise within each case, and a stored text is never touched."""

import asyncio
import json
from dataclasses import replace

import pytest

from secor_workflow.log.append import Append, Appended, Conflict
from secor_workflow.log.log import Log
from workflow.log.services import a_log
from workflow.log.stories import Story


async def everything(log: Log) -> tuple[str, ...]:
    return (await log.page(0, 10_000)).texts


async def test_positions_are_dense_however_the_appends_come(log: Log) -> None:
    for story in (early := [Story() for _ in range(3)]):
        await log.append(story.next())
    await asyncio.gather(*(log.append(Story().next()) for _ in range(50)))
    await asyncio.gather(*(log.append(story.next()) for story in early))

    positions = [json.loads(text)["position"] for text in await everything(log)]

    assert positions == list(range(1, 57))


async def test_positions_stand_in_commit_order(log: Log) -> None:
    outcomes = [await log.append(Story().next()) for _ in range(5)]

    assert outcomes == [Appended(n) for n in range(1, 6)]


async def test_versions_are_dense_in_every_case(log: Log) -> None:
    stories = [Story() for _ in range(4)]
    for _ in range(5):
        await asyncio.gather(*(log.append(story.next()) for story in stories))

    for story in stories:
        assert [event.version for event in await log.events_of(story.case.case_id)] == [1, 2, 3, 4, 5]


async def test_a_refused_append_leaves_no_gap(log: Log) -> None:
    story = Story()
    rival = story.rival()
    await log.append(story.next())

    assert await log.append(rival) == Conflict()
    assert await log.append(Story().next()) == Appended(2)


async def test_of_two_appends_at_one_version_exactly_one_is_written(log: Log) -> None:
    story = Story()
    await log.append(story.next())
    rival = story.rival()

    outcomes = await asyncio.gather(log.append(story.next()), log.append(rival))

    assert sorted(map(type, outcomes), key=str) == [Appended, Conflict]
    assert len(await log.events_of(story.case.case_id)) == 2


async def test_of_two_processes_at_one_version_exactly_one_writes(url: str, log: Log) -> None:
    story = Story()
    await log.append(story.next())
    rival = story.rival()
    async with a_log(url) as other:
        outcomes = await asyncio.gather(log.append(story.next()), other.append(rival))

    assert sorted(map(type, outcomes), key=str) == [Appended, Conflict]


@pytest.mark.parametrize("skipped", [1, 2, 10])
async def test_a_version_that_is_not_the_next_is_a_conflict(log: Log, skipped: int) -> None:
    story = Story()
    await log.append(story.next())
    for _ in range(skipped):
        story.next()

    assert await log.append(story.next()) == Conflict()


async def test_a_step_that_follows_an_event_which_the_log_does_not_hold_is_a_conflict(log: Log) -> None:
    """A database that was behind took over: another event has the version that somebody remembers."""
    story = Story()
    remembered = story.rival()
    await log.append(story.next())

    assert await log.append(replace(story.next(), follows=remembered.event_id)) == Conflict()


async def test_two_steps_of_one_case_may_be_written_together(log: Log) -> None:
    story = Story()

    outcomes = await asyncio.gather(*(log.append(story.next()) for _ in range(3)))

    assert outcomes == [Appended(1), Appended(2), Appended(3)]
    (row,) = await log.rows(limit=10)
    assert (row["version"], row["position"]) == (3, 3)


async def test_a_stored_text_is_the_given_one_with_its_position_in_front(log: Log) -> None:
    append: Append = Story().next()

    await log.append(append)

    assert await everything(log) == ('{"position":1,' + append.text[1:],)
    assert await log.texts_of(append.case_id) == [(append.type, '{"position":1,' + append.text[1:])]
