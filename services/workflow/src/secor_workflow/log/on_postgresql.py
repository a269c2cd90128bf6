"""Writing appends on PostgreSQL: at once if nothing stands against them, else carefully."""

import time
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.direct import Question, Writer, write_rows
from secor_workflow.log.append import Append, Appended, Outcome
from secor_workflow.log.at_once import AtOnce
from secor_workflow.log.careful import Decided
from secor_workflow.log.standing import asked, question

FEW = 8
"""So few are always written at once: a commit costs more than they do."""


class OnPostgresql:
    """One task at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = Writer(engine)
        self._question = Question(engine, question(engine))
        self._at_once = AtOnce(engine)
        self._head = 0
        """The last position that we wrote."""
        self._others_write = False
        """Whether there were events of others before our last: then they have the lock as often as not."""

    async def write(self, batch: Sequence[Append]) -> tuple[Sequence[Outcome], float]:
        """What became of each, and when the writers' lock was given (`time.perf_counter`)."""
        outcomes: Sequence[Outcome] | None = None
        locked = time.perf_counter()
        if len(batch) <= FEW or not self._others_write:
            async with self._writer.statement() as driver:
                outcomes = await self._at_once.write(driver, batch)
        if outcomes is None:  # there is something that the careful way will name
            outcomes, locked = await self._carefully(batch)
        places = [outcome.position for outcome in outcomes if isinstance(outcome, Appended)]
        if places:
            self._others_write = places[0] != self._head + 1
            self._head = places[-1]
        return outcomes, locked

    async def let_go(self) -> None:
        """Keep no connection."""
        await self._writer.let_go()

    async def _carefully(self, batch: Sequence[Append]) -> tuple[Sequence[Outcome], float]:
        async with self._writer.transaction() as connection:
            locked = time.perf_counter()
            decided = Decided(batch, await self._question.ask_on(connection, asked(batch)))
            await write_rows(self._engine, connection, decided.rows())
            for statement in decided.statements():
                await connection.execute(statement)
        return decided.outcomes, locked
