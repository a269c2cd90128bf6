"""A query that was begun is brought to its end, also when nobody waits for it any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Whole:
    """Lets whoever asks go away at any time: a query that is cut off would leave its connection behind."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def ask(self, query: Coroutine[Any, Any, T]) -> T:
        """What the query finds."""
        task = asyncio.create_task(query, name="query")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until no query is running any more."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, even if everybody has gone away meanwhile
