"""What is asked at the same time is asked together, and each asker has an answer of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from secor_workflow.database.together import Together


class Oracle:
    """Answers when it is let, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()

    async def find(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        await self.may_answer.wait()
        if 13 in keys:
            raise LookupError
        return {key: f"answer {key}" for key in keys if key}


async def test_those_who_come_while_a_question_is_running_share_the_next_one() -> None:
    oracle = Oracle()
    together = Together(oracle.find)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # now it is being asked
    rest = [asyncio.create_task(together.ask(key)) for key in (1, 2, 0, 2)]
    await asyncio.sleep(0)
    oracle.may_answer.set()

    assert await first == "answer 1"
    assert await asyncio.gather(*rest) == ["answer 1", "answer 2", None, "answer 2"]
    assert oracle.asked == [[1], [1, 2, 0]]


async def test_who_goes_away_takes_nobody_elses_answer_along() -> None:
    oracle = Oracle()
    together = Together(oracle.find)
    gone, stays = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    gone.cancel()
    oracle.may_answer.set()

    assert await stays == "answer 1"
    await together.finish()


async def test_a_question_that_fails_fails_for_all_who_asked_and_for_nobody_after_them() -> None:
    oracle = Oracle()
    oracle.may_answer.set()
    together = Together(oracle.find)

    assert [type(no) for no in await asyncio.gather(together.ask(13), together.ask(7), return_exceptions=True)] == [
        LookupError,
        LookupError,
    ]
    assert await together.ask(7) == "answer 7"
    with pytest.raises(LookupError):
        await together.ask(13)
