"""Events written straight into the log, quickly, as another process of the service would write them."""

import asyncio
from itertools import islice

from workflow.log.services import a_log
from workflow.log.stories import Story

AT_ONCE = 500
IN_A_STORY = 25


def fill(url: str, number: int) -> list[str]:
    """Write so many events; returns all that stand in the log, verbatim and in order."""
    return asyncio.run(_fill(url, number))


async def _fill(url: str, number: int) -> list[str]:
    async with a_log(url) as log:
        while number:
            some, number = min(number, AT_ONCE), max(number - AT_ONCE, 0)
            stories = [Story() for _ in range(-(-some // IN_A_STORY))]
            appends = (story.next() for _ in range(IN_A_STORY) for story in stories)
            await asyncio.gather(*(log.append(append) for append in islice(appends, some)))
        return list((await log.page(0, 10**6)).texts)
