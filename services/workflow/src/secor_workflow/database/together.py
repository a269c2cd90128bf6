"""Questions of one kind that are asked at the same time are asked together: one query answers all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST_AT_ONCE = 500


class Together(Generic[K, V]):
    """Gathers questions while a query is running, as the append queue gathers appends; nobody is made to wait.

    A query begins after everybody whom it answers has asked, so an answer is never older than its question.
    """

    def __init__(self, find: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._finder: asyncio.Task[None] | None = None

    async def ask(self, key: K) -> V | None:
        """What is found for a key; nothing if there is none."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._finder is None or self._finder.done():
            self._finder = asyncio.create_task(self._answer(), name="together")
        return await asyncio.shield(answer)  # who goes away takes nobody else's answer along

    async def finish(self) -> None:
        """Wait until nothing is being asked any more."""
        if self._finder is not None:
            await self._finder

    async def _answer(self) -> None:
        while self._waiting:
            asked = {key: self._waiting.pop(key) for key in list(self._waiting)[:MOST_AT_ONCE]}
            try:
                found = await self._find(list(asked))
            except Exception as error:  # noqa: BLE001 (each asker gets it as its own)
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # seen, even if everybody has gone away meanwhile
            else:
                for key, answer in asked.items():
                    answer.set_result(found.get(key))
