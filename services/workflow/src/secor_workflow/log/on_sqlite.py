"""Writing appends on SQLite: carefully, in a thread."""

import time
from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.prepared import Prepared
from secor_workflow.database.rows import Kind, by_table, inserting, shape_of
from secor_workflow.database.thread import WriterThread, driver_of
from secor_workflow.log.append import Append, Outcome
from secor_workflow.log.careful import Decided
from secor_workflow.log.standing import asked, question


class OnSqlite:
    """One task at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._question = Prepared(engine.dialect, question(engine))
        self._inserts: dict[Kind, Prepared] = {}
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
        for kind, same in zip(shape_of(rows), rows.values(), strict=True):
            self._insert(kind).write(driver, same)
        for statement in decided.statements():
            connection.execute(statement)
        return decided.outcomes, locked

    def _insert(self, kind: Kind) -> Prepared:
        if kind not in self._inserts:
            table, replaces, names = kind
            insert = inserting(self._engine, table, replaces=replaces)
            self._inserts[kind] = Prepared(self._engine.dialect, insert, names)
        return self._inserts[kind]
