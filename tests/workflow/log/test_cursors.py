"""A cursor leads back to its position, or says that the log no longer holds it; a page tells how far it has looked."""

import asyncio
import json
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.pool import AsyncAdaptedQueuePool

from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import epochs
from secor_workflow.log.log import BadCursorError, Log, StaleCursorError
from workflow.log.services import a_log
from workflow.log.stories import Story, naming


async def write(log: Log, number: int) -> None:
    await asyncio.gather(*(log.append(Story().next()) for _ in range(number)))


async def restored(log: Log, epoch: str, began_after: int) -> None:
    """What the run-book writes after a restore."""
    async with exclusive(log.engine) as connection:
        number = await connection.scalar(sa.select(sa.func.max(epochs.c.number)))
        await connection.execute(
            sa.insert(epochs).values(number=int(number or 0) + 1, epoch=epoch, began_after=began_after)
        )
    await log.open()


async def last_common(log: Log, cursor: str) -> int:
    with pytest.raises(StaleCursorError) as stale:
        await log.position_of(cursor)
    return stale.value.last_common


async def test_a_cursor_leads_back_to_its_position(log: Log) -> None:
    await write(log, 3)

    for position in range(4):
        assert await log.position_of(log.cursor(position)) == position


async def test_a_cursor_is_the_same_for_every_process(url: str, log: Log) -> None:
    await write(log, 3)
    async with a_log(url) as other:
        assert await other.position_of(log.cursor(2)) == 2


@pytest.mark.parametrize(
    "cursor",
    [
        "", "5", ".", ".5", "deadbeef", "deadbeef.", "deadbeef.-1", "deadbeef.01", "deadbeef.1e3", "DEADBEEF.1",
        "deadbeef.1 ", "deadbeef.1\n", "deadbeef.٣", "deadbee.1", "deadbeef.9999999999999999999", "deadbeef.1.1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_what_is_no_cursor_is_refused_as_such(log: Log, cursor: str) -> None:
    with pytest.raises(BadCursorError):
        await log.position_of(cursor)


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_a_cursor_is_known_stale_or_malformed_and_nothing_else(log: Log, engine_kind: str) -> None:
    asked: list[str] = []

    @given(st.text() | st.from_regex(r"[0-9a-f]{8}\.[0-9]{1,20}", fullmatch=True))
    def collect(cursor: str) -> None:
        asked.append(cursor)

    collect()

    for cursor in asked:
        with pytest.raises((BadCursorError, StaleCursorError)):
            await log.position_of(cursor)


async def test_a_cursor_beyond_the_head_is_told_the_head(log: Log) -> None:
    await write(log, 3)

    assert await last_common(log, log.cursor(4)) == 3


async def test_a_cursor_of_an_unknown_epoch_has_nothing_in_common(log: Log) -> None:
    await write(log, 3)

    assert await last_common(log, "00000000.2") == 0


@pytest.mark.parametrize(("position", "common"), [(1, 1), (2, 2), (5, 2)])
async def test_after_a_restore_an_old_cursor_is_told_what_is_still_common(log: Log, position: int, common: int) -> None:
    await write(log, 2)
    old = log.cursor(position)

    await restored(log, "feedbeef", 2)
    await write(log, 4)

    assert await last_common(log, old) == common
    assert await log.position_of(log.cursor(6)) == 6


async def test_after_two_restores_the_lesser_common_position_holds(log: Log) -> None:
    await write(log, 6)
    old = log.cursor(6)

    await restored(log, "feedbeef", 2)
    between = log.cursor(6)
    await restored(log, "feedcafe", 4)

    assert await last_common(log, old) == 2
    assert await last_common(log, between) == 4


async def test_a_page_goes_from_a_position_up_to_its_limit(log: Log) -> None:
    await write(log, 5)

    page = await log.page(1, 3)

    assert [json.loads(text)["position"] for text in page.texts] == [2, 3, 4]
    assert page.scanned_to == 4
    assert (await log.page(4, 3)).scanned_to == 5
    assert await log.page(5, 3) == await log.page(page.scanned_to + 1, 3)


async def test_a_filtered_page_goes_on_through_a_drought(log: Log) -> None:
    story = Story()
    await log.append(story.next())
    await write(log, 20)
    await log.append(story.next(naming()))
    await write(log, 20)

    first = await log.page(0, 1, types=["ChampionNamed"])
    second = await log.page(first.scanned_to, 1, types=["ChampionNamed"])

    assert [json.loads(text)["position"] for text in first.texts] == [22]
    assert first.scanned_to == 22
    assert (second.texts, second.scanned_to) == ((), 42)
    assert (await log.page(0, 10, case_id=uuid4())).scanned_to == 42
    assert len((await log.page(0, 10, case_id=story.case.case_id)).texts) == 2


async def test_a_follower_wakes_at_once_for_an_append_of_its_own_process(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secor_workflow.log.log._LOOK_SECONDS", 600.0)  # so that only the append can wake it
    follower = asyncio.create_task(log.follow(0, 600))
    await asyncio.sleep(0.05)

    await log.append(Story().next())

    assert await asyncio.wait_for(follower, 5)


async def test_a_follower_finds_what_another_process_appends(url: str, log: Log) -> None:
    follower = asyncio.create_task(log.follow(0, 600))
    async with a_log(url) as other:
        await other.append(Story().next())

        assert await asyncio.wait_for(follower, 5)


async def test_many_followers_all_wake(log: Log) -> None:
    followers = [asyncio.create_task(log.follow(0, 600)) for _ in range(50)]

    await log.append(Story().next())

    assert await asyncio.wait_for(asyncio.gather(*followers), 5) == [True] * 50


async def test_a_follower_of_a_silent_log_gives_up_in_time(log: Log) -> None:
    await write(log, 1)

    assert not await log.follow(1, 0.05)
    assert await log.follow(0, 0)


async def test_closing_sends_the_followers_home_and_leaves_no_query_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secor_workflow.log.log._LOOK_SECONDS", 0.0)  # so that closing comes in the midst of a query
    async with a_log(url) as log:
        followers = [asyncio.create_task(log.follow(0, 600)) for _ in range(5)]
        while log._waiting < len(followers):  # noqa: ASYNC110, SLF001 (each looks for itself first, then waits)
            await asyncio.sleep(0.01)
        await log.close()

        assert isinstance(pool := log.engine.pool, AsyncAdaptedQueuePool)
        assert pool.checkedout() == 0
        assert await asyncio.wait_for(asyncio.gather(*followers), 5) == [False] * 5
