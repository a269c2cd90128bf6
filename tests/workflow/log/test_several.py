"""A large log that several processes look at, each a part of its cases: they find what one finds."""

from contextlib import aclosing
from itertools import pairwise

import pytest
import sqlalchemy as sa

from secor_workflow.database.engine import exclusive
from secor_workflow.database.moment import one_moment, snapshot_of
from secor_workflow.log import several
from secor_workflow.log.histories import EVERY_CASE
from secor_workflow.log.log import Log
from secor_workflow.log.several import by_several, parts
from secor_workflow.log.upkeep import verify
from workflow.log.services import a_log
from workflow.log.stories import POLICIES, Story
from workflow.log.test_upkeep import DAMAGE, UNLOCK

CASES = 7
DAMAGES = ("a text with another version", "a wrong state", "a text that is cut off", "a version left out")


async def told(log: Log) -> None:
    stories = [Story() for _ in range(CASES)]
    for _ in range(3):
        for story in stories:
            await log.append(story.next())


@pytest.mark.parametrize("of", [1, 3, CASES, 100])
async def test_the_parts_hold_every_case_there_may_be_once(postgres_log_url: str, of: int) -> None:
    async with a_log(postgres_log_url) as log:
        await told(log)
        async with log.engine.connect() as connection:
            found = await parts(connection, of)

    assert (found[0][0], found[-1][1]) == EVERY_CASE
    assert all(one[1] == following[0] for one, following in pairwise(found))
    assert len(found) == CASES // of + 1


async def test_several_processes_find_what_one_finds_in_the_same_order(postgres_log_url: str) -> None:
    async with a_log(postgres_log_url) as log:
        await told(log)
        async with exclusive(log.engine) as connection:
            for statement in (*UNLOCK["postgresql"], *(DAMAGE[name][0] for name in DAMAGES)):
                await connection.execute(sa.text(statement.replace(":", r"\:")))
            some = await parts(connection, 2)
        alone = await verify(log, POLICIES, lambda _done, _of: None)

        async with one_moment(log.engine) as connection:
            snapshot = await snapshot_of(connection)
            async with aclosing(by_several(log.engine.url, snapshot, some, POLICIES)) as looking:
                found = [part async for part in looking]

    assert sum(number for number, _ in found) == CASES
    assert [fault for _, faults in found for fault in faults] == alone
    assert len(alone) >= len(DAMAGES)


async def test_several_processes_see_the_moment_of_who_asks(postgres_log_url: str) -> None:
    async with a_log(postgres_log_url) as log:
        await told(log)
        async with one_moment(log.engine) as connection:
            snapshot, some = await snapshot_of(connection), await parts(connection, 2)
            for _ in range(3):
                await log.append(Story().next())

            async with aclosing(by_several(log.engine.url, snapshot, some, POLICIES)) as looking:
                found = [part async for part in looking]

    assert sum(number for number, _ in found) == CASES


@pytest.mark.parametrize("said", ["", "[4000, ["])
async def test_a_process_that_ends_in_the_middle_does_not_say_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(several, "PROGRAM", ("sh", "-c", f"cat >/dev/null; printf '{said}'"))  # as if killed there

    async with aclosing(by_several(sa.make_url("postgresql://"), "", [EVERY_CASE], POLICIES)) as looking:
        with pytest.raises(OSError, match="begin again"):
            await anext(looking)
