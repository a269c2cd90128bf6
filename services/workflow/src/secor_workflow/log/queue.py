"""Appending: the concurrent appends of a process are committed together, with one outcome for each."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import is_away
from secor_workflow.log.append import Append, Appended, Outcome
from secor_workflow.log.careful import written
from secor_workflow.log.on_postgresql import FEW, OnPostgresql
from secor_workflow.log.on_sqlite import OnSqlite
from secor_workflow.tallies import Appends

MOST_AT_ONCE = 500


@dataclass(slots=True)
class _Group:
    """Appends whose caller waits for all of them."""

    appends: Sequence[Append]
    told: asyncio.Future[list[Outcome | Exception]]


class AppendQueue:
    """Gathers appends while a commit is running; the running commit is the only delay.

    A caller that goes away does not cancel its neighbours, and what the database refuses for one event fails only
    that one.
    """

    def __init__(self, engine: AsyncEngine, committed: Callable[[Sequence[tuple[Append, Appended]]], None]) -> None:
        self._committed = committed
        self._database = OnPostgresql(engine) if engine.dialect.name == "postgresql" else OnSqlite(engine)
        self._groups: deque[_Group] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._finishing = False
        self.waiting = 0
        """How many appends wait for the commit that is running."""
        self._sizes = 0, 0
        """How many the last two commits wrote."""
        self.tally = Appends()

    async def append(self, append: Append) -> Outcome:
        """Write one event; returns when it is durable, or with the reason why it was not written."""
        [outcome] = await self.append_all((append,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def append_all(self, appends: Sequence[Append]) -> list[Outcome | Exception]:
        """Write events of different cases, each as if it were alone: what became of it, or why that is not known."""
        group = _Group(appends, asyncio.get_running_loop().create_future())
        self._groups.append(group)
        self.waiting += len(appends)
        self._writing()
        return await group.told

    async def finish(self) -> None:
        """Wait until all that was accepted is written, and keep no connection from now on.

        Whoever gives up waiting breaks off nothing.
        """
        self._finishing = True
        await asyncio.wait({self._writing()})

    def _writing(self) -> asyncio.Task[None]:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="append-queue")
        return self._writer

    async def _write(self) -> None:
        while self._groups:
            groups = self._next()
            batch = [append for group in groups for append in group.appends]
            _settle(groups, iter(await self._outcomes(batch)))
        if self._finishing:
            await self._database.let_go()
            self._writer = None
            if self._groups:  # they came meanwhile; whoever finishes does not wait for them
                self._writing()

    async def _outcomes(self, batch: list[Append]) -> Sequence[Outcome | Exception]:
        try:
            return await self._commit(batch)
        except Exception as error:  # noqa: BLE001 (each caller gets it as its own)
            self.tally.failures += 1
            if len(batch) == 1 or is_away(error):
                return [error] * len(batch)
            return await self._one_by_one(batch)

    def _next(self) -> list[_Group]:
        """Those that have waited longest.

        Many, few, many, few: then nearly all callers wait for the same commit, again and again, and nobody asks for
        anything while the database writes. They are parted in halves once, and stay so.
        """
        before, last = self._sizes
        parted = self.waiting > FEW and 2 * last < before
        most = min(MOST_AT_ONCE, (last + self.waiting + 1) // 2 if parted else self.waiting)
        taken = [self._groups.popleft()]
        size = len(taken[0].appends)
        while self._groups and size + len(self._groups[0].appends) <= most:
            taken.append(self._groups.popleft())
            size += len(taken[-1].appends)
        self.waiting -= size
        self._sizes = last, size
        return taken

    async def _one_by_one(self, batch: list[Append]) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for append in batch:
            try:
                outcomes += await self._commit([append])
            except Exception as error:  # noqa: BLE001 (each caller gets its own)
                if is_away(error):
                    return outcomes + [error] * (len(batch) - len(outcomes))
                outcomes.append(error)
        return outcomes

    async def _commit(self, batch: list[Append]) -> Sequence[Outcome]:
        began = time.perf_counter()
        outcomes, locked = await self._database.write(batch)
        done = list(written(batch, outcomes))
        if done:
            self.tally.committed(len(done), began, locked)
            self._committed(done)
        return outcomes


def _settle(groups: Sequence[_Group], outcomes: Iterator[Outcome | Exception]) -> None:
    for group in groups:
        told = list(islice(outcomes, len(group.appends)))
        if not group.told.done():  # its caller may have gone away
            group.told.set_result(told)
