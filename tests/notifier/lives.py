"""A whole notifier but for its own HTTP: real ledger, real workflow to ask, real mail server; lived hour by hour."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from notifier.given import RULES
from notifier.serving import Serving
from notifier.stand_in import NOTIFIER_KEY, StandIn
from post_office import Inbox, post_office
from secor_notifier.api.rooms import Rooms
from secor_notifier.domain.reminders import Owed, owed, timed
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger import Ledger, Reminder
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.reading import Wanted
from secor_notifier.main import create_app
from secor_notifier.migrations import migrate
from secor_notifier.settings import Settings
from secor_notifier.zone import local_date


@dataclass
class Town:
    """One workflow and one mail server for many lives, each of which has a ledger of its own."""

    home: Path
    workflow: StandIn
    workflow_url: str
    inbox: Inbox
    _numbers: Iterator[int]

    def new_ledger(self) -> str:
        """Empty and migrated: its URL."""
        self.workflow.events.clear()
        self.workflow.cases.clear()
        self.inbox.received.clear()
        copy = self.home / f"ledger-{next(self._numbers)}.db"
        shutil.copy(self.home / "template.db", copy)
        return f"sqlite:///{copy}"

    @asynccontextmanager
    async def notifier(self, database_url: str) -> AsyncIterator["Notifier"]:
        settings = Settings(
            home=self.home,
            sandbox=True,
            database_url=database_url,
            auto_migrate=False,
            workflow_url=self.workflow_url,
            workflow_key=SecretStr(NOTIFIER_KEY),
            mail_url=SecretStr(self.inbox.url),
            tick_seconds=3600,
            poll_seconds=0,
        )
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            yield Notifier(cast("Rooms", app.state.rooms), self.inbox)


@contextmanager
def town(home: Path) -> Iterator[Town]:
    workflow = StandIn()
    asyncio.run(_migrated(f"sqlite:///{home / 'template.db'}"))
    with post_office() as inbox, Serving(workflow.app()) as served:
        yield Town(home, workflow, served.url, inbox, count())
        workflow.closing = True


async def _migrated(database_url: str) -> None:
    engine = open_engine(read_url(database_url))
    await migrate(engine)
    await engine.dispose()


async def set_clock(database_url: str, to: datetime) -> None:
    """While no notifier runs."""
    engine = open_engine(read_url(database_url))
    await Ledger(engine).set_clock_ahead(to - datetime.now(UTC))
    await engine.dispose()


@dataclass(frozen=True)
class Notifier:
    """One that runs."""

    rooms: Rooms
    inbox: Inbox

    async def lives_on(self, to: datetime | None = None) -> None:
        """Read, decide and send all that is due now; and then at another time, if one is given."""
        clock = self.rooms.correspondence.clock

        async def move() -> None:
            if to is not None:
                clock.ahead = clock.ahead_for(to)
                await self.rooms.ledger.set_clock_ahead(clock.ahead)

        await self.rooms.worker.catch_up(move)

    async def reminders(self) -> list[Reminder]:
        """All about deadlines."""
        found: list[Reminder] = []
        after: int | None = 0
        while after is not None:
            page = await self.rooms.reading.page(Wanted(after=after, limit=500))
            found += page.items
            after = page.next_after
        return [one for one in found if one.decision.deadline and one.decision.event_id is None]

    async def arrived(self) -> dict[str, Owed]:
        """The reminders of which the mail server has a letter, by their keys."""
        messages = Counter(message_id for _, message_id in self.inbox.received)
        assert all(number == 1 for number in messages.values())
        return {one.decision.key: one.decision for one in await self.reminders() if one.message_id in messages}


def owed_at(watch: Watch, now: datetime) -> set[str]:
    """The keys of what may go out at that instant."""
    return {
        one.key
        for one in owed(watch, RULES, local_date(now))
        if one.skip is None and timed(one, RULES, now).moved is None
    }
