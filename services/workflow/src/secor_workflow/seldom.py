"""Questions that may become dear as the log grows: asked as seldom as keeps them cheap."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

SHARE = 50
"""An answer is kept so many times as long as it took to find: measuring takes two hundredths of the time at most."""


class Seldom(Generic[T]):
    """Remembers the last answer for a while that grows with its price."""

    def __init__(self, question: Callable[[], Awaitable[T]]) -> None:
        self._question = question
        self._kept: tuple[T, float] | None = None

    async def ask(self) -> T:
        if self._kept is not None and time.monotonic() < self._kept[1]:
            return self._kept[0]
        began = time.monotonic()
        answer = await self._question()
        ended = time.monotonic()
        self._kept = answer, ended + SHARE * (ended - began)
        return answer
