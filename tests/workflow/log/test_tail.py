"""A reader that follows the log while many write sees every event once, in order, with no gap."""

import asyncio
import json

import pytest

from secor_workflow.log.log import Log
from workflow.log.clerks import clerks
from workflow.log.services import a_log
from workflow.log.stories import Story

WRITERS, EACH = 32, 75


async def tailed(log: Log, number: int) -> list[str]:
    """So many events, read page by page along the cursor, as a consumer would."""
    seen: list[str] = []
    cursor = log.cursor(0)
    while len(seen) < number:
        after = await log.position_of(cursor)
        page = await log.page(after, 100)
        seen += page.texts
        cursor = log.cursor(page.scanned_to)
        if not page.texts:
            assert await log.follow(page.scanned_to, 60), "nothing more came"
    return seen


def complete(seen: list[str], written: list[str]) -> None:
    events = [json.loads(text) for text in seen]
    assert [event["position"] for event in events] == list(range(1, WRITERS * EACH + 1))
    assert sorted(event["id"] for event in events) == sorted(written)


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_a_reader_misses_nothing_that_two_processes_write(url: str, log: Log) -> None:
    async with clerks(url, 2) as pair:
        seen, *answers = await asyncio.gather(
            tailed(log, WRITERS * EACH), *(each.ask("append", tasks=WRITERS // 2, each=EACH) for each in pair)
        )

    complete(seen, [id_ for answer in answers for id_ in answer["ids"]])


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_a_reader_misses_nothing_that_one_process_writes(url: str, log: Log) -> None:
    written: list[str] = []

    async def write(other: Log) -> None:
        story = Story()
        for _ in range(EACH):
            append = story.next()
            await other.append(append)
            written.append(str(append.event_id))

    async with a_log(url) as other:  # so that the reader must look, and is not told
        reader = asyncio.create_task(tailed(log, WRITERS * EACH))
        await asyncio.gather(*(write(other) for _ in range(WRITERS)))
        seen = await reader

    complete(seen, written)
