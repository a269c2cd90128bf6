"""Writing appends on SQLite: carefully, in a thread."""

import time
from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.direct import Shape, by_table, shape_of
from secor_workflow.database.engine import upsert
from secor_workflow.database.prepared import Prepared
from secor_workflow.database.thread import WriterThread, driver_of
from secor_workflow.log.append import Append, Outcome
from secor_workflow.log.careful import Decided
from secor_workflow.log.standing import asked, question


class OnSqlite:
    """One task at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._question = Prepared(engine.dialect, question(engine))
        self._inserts: dict[Shape, list[Prepared]] = {}
        self._thread = WriterThread(engine)

    async def write(self, batch: Sequence[Append]) -> tuple[Sequence[Outcome], float]:
        """What became of each, and when the writers' lock was given (`time.perf_counter`)."""
        return await self._thread.transaction(partial(self._carefully, batch))

    async def let_go(self) -> None:
        """Keep no connection."""
        await self._thread.let_go()

    def _carefully(self, batch: Sequence[Append], connection: sa.Connection) -> tuple[Sequence[Outcome], float]:
        locked, driver = time.perf_counter(), driver_of(connection)
        decided = Decided(batch, self._question.ask(driver, asked(batch)))
        rows = by_table(decided.rows())
        for insert, same in zip(self._inserts_of(shape_of(rows)), rows.values(), strict=True):
            insert.write(driver, same)
        for statement in decided.statements():
            connection.execute(statement)
        return decided.outcomes, locked

    def _inserts_of(self, shape: Shape) -> list[Prepared]:
        if shape not in self._inserts:
            self._inserts[shape] = [
                Prepared(self._engine.dialect, upsert(self._engine, table) if replaces else sa.insert(table), names)
                for table, replaces, names in shape
            ]
        return self._inserts[shape]
