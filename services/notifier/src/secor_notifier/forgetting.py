"""Forgets people whom the workflow erased: drops what is kept of them, has others told instead, and confirms."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import BigInteger, Column, SmallInteger, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.clock import Clock
from secor_notifier.domain.event import Event
from secor_notifier.domain.instead import instead
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.verdict import ERASED
from secor_notifier.domain.watch import ERASED as PERSON_ERASED
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import writing
from secor_notifier.ledger.tables import metadata
from secor_notifier.ledger.traces import Traces
from secor_notifier.logs import logger
from secor_notifier.workflow import CursorGoneError, Feed
from secor_notifier.workflow.confirming import Confirming

log = logger(__name__)

place = Table(
    "forgetting_place",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("cursor", Text),
    Column("position", BigInteger, nullable=False),
)


class Copies(Protocol):
    """A place outside the ledger that holds letters, or mails about them."""

    async def forget(self, message_ids: Collection[str]) -> None: ...


@dataclass(frozen=True)
class Forgetting:
    """Each erasure is read, forgotten and confirmed before the next: whatever breaks off is done again."""

    engine: AsyncEngine
    feed: Feed
    ledger: Ledger
    rules: Rules
    clock: Clock
    copies: tuple[Copies, ...]
    confirming: Confirming

    async def work(self) -> None:
        """All erasures up to the log's head."""
        while True:
            async with self.engine.connect() as connection:
                cursor = (await connection.execute(select(place.c.cursor))).scalar_one()
            try:
                page = await self.feed.page(cursor, 0, only=PERSON_ERASED)
            except CursorGoneError:
                if cursor is None:
                    raise
                await self._stand_at(None, 0)  # the log is another one: what it says is erased is forgotten once more
                continue
            for event in page.events:
                if event.type == PERSON_ERASED and not await self._forgotten(event):
                    return
            if page.next_cursor != cursor:
                await self._stand_at(page.next_cursor, page.events[-1].position if page.events else 0)
            if page.at_head:
                return

    async def _forgotten(self, event: Event) -> bool:
        """False as long as it cannot be done: the watch has not heard of it yet, or a letter is on its way."""
        person_id = event.told("person_id")
        if person_id is None:
            return True
        traces = Traces(self.engine)
        if (await self.ledger.bookmark()).position < event.position or await traces.under_way(person_id):
            return False
        watch = (await self.ledger.watches([event.case_id])).get(event.case_id)
        now = self.clock.now()
        others = [
            (decision, news.fact)
            for news in await traces.news_not_told(person_id)
            for decision in (instead(news.decision, watch, self.rules, now) if watch else ())
        ]
        await traces.forget(person_id, ERASED, others, now)
        message_ids = await traces.message_ids(person_id)
        for copies in self.copies:
            await copies.forget(message_ids)
        if not await self.confirming.forgotten(person_id):
            log.warning("the workflow does not know of an erasure that its log tells", position=event.position)
        return True

    async def _stand_at(self, cursor: str | None, position: int) -> None:
        async with writing(self.engine).begin() as connection:
            await connection.execute(update(place).values(cursor=cursor, position=position))
