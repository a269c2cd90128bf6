"""A process that is about to stop waits for nobody, and still tells what another one has written already."""

import asyncio
from pathlib import Path

from secor_workflow.api.cases import has_come_to
from secor_workflow.log.append import Appended
from workflow.log.services import a_log
from workflow.log.stories import Story
from workflow.template import WORKFLOW


async def test_what_is_in_the_log_is_there_for_a_read_in_the_last_moment(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'workflow.db'}"
    WORKFLOW.begin(database_url)
    async with a_log(database_url) as leaving, a_log(database_url) as other:
        somebody_listens = asyncio.create_task(leaving.follow(await leaving.head(), 5))
        await asyncio.sleep(0)  # who comes now does not look at the head by themselves
        written = await other.append(Story().next())
        assert isinstance(written, Appended)

        read = asyncio.create_task(has_come_to(leaving, written.position, 5))
        nothing = asyncio.create_task(has_come_to(leaving, written.position + 1, 5))
        await asyncio.sleep(0)
        leaving.release()

        assert (await read, await nothing) == (True, False)
        await somebody_listens
