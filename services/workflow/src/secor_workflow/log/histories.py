"""Reading all of a log case by case, in large pages: the next one is fetched while one is looked at."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.direct import Question
from secor_workflow.database.tables import cases, events
from secor_workflow.log.read_model import TELLING

PAGE = 5000
LOOKED_THROUGH = 20_000
"""So many events are a page of which only some are told. They are counted before they are chosen from, in the order of
an index: the database would rather sort a log of millions than look for a page in it."""
Stored = Sequence[Any]
"""A row. The first two values are case and version."""
Between = tuple[UUID | None, UUID]
"""Cases after one id, or from the first there may be, up to another."""
EVERY_CASE: Between = (None, UUID(int=2**128 - 1))
_LAST_VERSION = 2**31 - 1

WHOLE = ("case_id", "version", "position", "event_id", "actor", "type", "body")
ROW = ("case_id", "version", *(c.name for c in cases.columns if c.name not in {"case_id", "version"}))


def whole(engine: AsyncEngine) -> Question:
    """Every event, with all that its text has to agree with."""
    return _in_order(engine, events, sa.select(*(events.c[name] for name in WHOLE)))


def telling(engine: AsyncEngine, looked_through: int = LOOKED_THROUGH) -> Question:
    """The events that tell a case's row in the read model: few of each case, its newest, and the last of each page."""
    columns = (events.c.case_id, events.c.version, events.c.type, events.c.body)
    in_order = (events.c.case_id, events.c.version)
    page = _after(sa.select(*columns), events).order_by(*in_order).limit(looked_through).subquery()
    following = sa.func.lead(page.c.case_id).over(order_by=(page.c.case_id, page.c.version)).label("following")
    numbered = sa.select(page, following).subquery()
    newest = numbered.c.following.is_distinct_from(numbered.c.case_id)
    query = sa.select(*(numbered.c[column.name] for column in columns)).where(
        newest | numbered.c.type.in_(sa.literal_column(f"'{name}'") for name in sorted(TELLING))
    )
    return Question(engine, query.order_by(numbered.c.case_id, numbered.c.version))


def read_model(engine: AsyncEngine) -> Question:
    """Every row of the read model."""
    return _in_order(engine, cases, sa.select(*(cases.c[name] for name in ROW)))


def _in_order(engine: AsyncEngine, table: sa.Table, query: sa.Select[Any]) -> Question:
    return Question(engine, _after(query, table).order_by(table.c.case_id, table.c.version).limit(PAGE))


def _after(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    case_id, version = sa.bindparam("case_id", type_=sa.Uuid()), sa.bindparam("version", type_=sa.Integer())
    following = sa.tuple_(table.c.case_id, table.c.version) > sa.tuple_(case_id, version)
    return query.where(following, table.c.case_id <= sa.bindparam("last", type_=sa.Uuid()))


class Reading:
    """One connection, from which several questions about some cases are read on page by page."""

    def __init__(self, connection: AsyncConnection, between: Between = EVERY_CASE) -> None:
        self._connection, (self._after, self._last) = connection, between
        self._one_at_a_time = asyncio.Lock()
        self._broken: BaseException | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """While the connection is asked something: it answers one thing at a time. Raises what broke it before."""
        async with self._one_at_a_time:
            if self._broken:
                raise self._broken
            try:
                yield
            except BaseException as error:
                self._broken = error
                raise

    async def histories(self, question: Question) -> AsyncGenerator[list[Stored], None]:
        """All that is found, case by case."""
        history: list[Stored] = []
        async with aclosing(self._pages(question)) as pages:
            async for page in pages:
                for row in page:
                    if history and history[0][0] != row[0]:
                        yield history
                        history = []
                    history.append(row)
        if history:
            yield history

    async def _pages(self, question: Question) -> AsyncGenerator[Sequence[Stored], None]:
        before = (UUID(int=0), 0) if self._after is None else (self._after, _LAST_VERSION)
        asked = asyncio.create_task(self._ask(question, before))
        try:
            while found := await asked:
                asked = asyncio.create_task(self._ask(question, found[-1]))
                await asyncio.sleep(0)  # the database is asked before this page is looked at
                yield found
        finally:
            await asyncio.wait({asked})  # a query that is cut off would leave its connection behind
            if not asked.cancelled():
                asked.exception()  # whoever failed has it from its turn

    async def _ask(self, question: Question, last: Stored) -> Sequence[Stored]:
        async with self.turn():
            values = {"case_id": last[0], "version": last[1], "last": self._last}
            return await question.ask_on(self._connection, values)
