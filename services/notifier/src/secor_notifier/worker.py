"""The notifier at work: follows the feed, writes down what is owed, and sends what is due."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.alone import Alone
from secor_notifier.domain.learning import learn
from secor_notifier.ledger import Bookmark, Ledger, Taken
from secor_notifier.logs import logger
from secor_notifier.planning import Planning
from secor_notifier.progress import Progress
from secor_notifier.pulse import Pulse
from secor_notifier.sending import Sending
from secor_notifier.tracing import Tracing
from secor_notifier.workflow import CursorGoneError, Feed, FeedPage, WorkflowAwayError, WorkflowRefusalError

STAND_BY_SECONDS = 1.0
BREATH_SECONDS = 0.1
LONG = 20_000
CHUNK = 1000
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
WAITED_OUT = (WorkflowAwayError, WorkflowRefusalError, CursorGoneError, SQLAlchemyError, OSError)
log = logger(__name__)


class NotActiveError(Exception):
    """Another process is the one that reads and sends."""


@dataclass
class Worker:
    """One round at a time: the long poll waits outside the lock, all else happens inside it.

    Of several processes one reads and plans; all of them send.
    """

    feed: Feed
    ledger: Ledger
    planning: Planning
    sending: Sending
    alone: Alone
    pulse: Pulse
    tick_seconds: float
    poll_seconds: int
    tracing: Tracing = field(default_factory=Tracing)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _at_head: bool = False

    async def follow(self) -> None:
        """Read what happens, and deal with it; until cancelled."""
        await self._keep_on(self._follow)

    async def tick(self) -> None:
        """Deal with what comes with time; until cancelled."""
        await self._keep_on(self._tick)

    async def catch_up(self, set_clock: Callable[[], Awaitable[None]]) -> None:
        """Set the clock, and return when everything due at its time has been read, decided and tried.

        What happened before is dealt with first, at the time at which it happened: a leap must not make it old news.
        """
        async with self._lock:
            if not await self.alone.held():
                raise NotActiveError
            await self._read_and_send()
            await set_clock()
            await self._read_and_send()

    async def _keep_on(self, step: Callable[[], Awaitable[None]]) -> None:
        """Step after step; trouble is told and waited out with growing pauses, and never ends the service."""
        pause = FIRST_PAUSE
        while True:
            try:
                await step()
            except WAITED_OUT as error:
                self.pulse.trouble = _in_words(error)
                log.warning("waiting", seconds=pause, trouble=self.pulse.trouble)
            except Exception as error:
                self.pulse.trouble = f"Unexpected: {type(error).__name__}."
                log.exception("unexpected trouble, waiting", seconds=pause)
            else:
                pause = FIRST_PAUSE
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _follow(self) -> None:
        """One long poll, and what it taught."""
        self.pulse.active = await self._is_active()
        if not self.pulse.active:
            self.pulse.trouble = None  # the database answered, which is all that a stand-by needs
            await asyncio.sleep(STAND_BY_SECONDS)
            return
        bookmark = await self.ledger.bookmark()
        page = await self._page(bookmark, self.poll_seconds if self._at_head else 0)
        async with self._lock:
            current = await self.ledger.bookmark()
            if current.cursor != bookmark.cursor or not await self.alone.held():
                # While we waited somebody caught up or took over, or the log became another one: this page is old.
                return
            await self._take(bookmark, page)
            if page.at_head:
                await self.planning.plan()
                await self.sending.send_due()
            else:
                await self._read_long()
        if not page.events:
            # Should the workflow not wait as asked, we must not storm it.
            await asyncio.sleep(BREATH_SECONDS)

    async def _tick(self) -> None:
        """Days pass and pauses end while no event comes; what is read only in part says nothing about today."""
        async with self._lock:
            await self.planning.clock.follow()
            if self._at_head and await self.alone.held():
                await self.planning.plan()
            await self.sending.send_due()
            self.pulse.beat()
        await asyncio.sleep(self.tick_seconds)

    async def _read_long(self) -> None:
        """A log that is long ahead of us, as at the first start: in one stream, and with a bar that shows how far."""
        bookmark, head = await self.ledger.bookmark(), await self.feed.head()
        if head.position - bookmark.position < LONG:
            return
        try:
            with Progress(bookmark.position, head.position) as progress:
                async with aclosing(self.feed.stream(bookmark.cursor, CHUNK)) as pages:
                    async for page in pages:
                        await self._take(bookmark, page)
                        bookmark = await self.ledger.bookmark()
                        self.pulse.reading = progress.at(bookmark.position)
        finally:
            self.pulse.reading = None

    async def _is_active(self) -> bool:
        async with self._lock:
            return await self.alone.held()

    async def _read_and_send(self) -> None:
        while not await self._pull_at_once():
            pass
        await self.planning.plan()
        await self.sending.send_all_due()

    async def _pull_at_once(self) -> bool:
        """One page, without waiting; whether it reached the head."""
        bookmark = await self.ledger.bookmark()
        page = await self._page(bookmark, 0)
        await self._take(bookmark, page)
        return page.at_head

    async def _page(self, bookmark: Bookmark, wait: int) -> FeedPage:
        try:
            return await self.feed.page(bookmark.cursor, wait)
        except CursorGoneError as error:
            if bookmark.cursor is None:
                raise
            log.warning("the log is another one: reading it anew")
            await self.ledger.begin_anew(bookmark.cursor, error.last_common)
            return FeedPage((), bookmark.cursor, at_head=False)

    async def _take(self, bookmark: Bookmark, page: FeedPage) -> None:
        now = self.planning.clock.now()
        position = page.events[-1].position if page.events else bookmark.position
        if page.events and page.next_cursor is not None:
            with self.tracing.span("take", first_position=page.events[0].position, last_position=position):
                known = await self.ledger.watches({event.case_id for event in page.events})
                watches, letters = learn(page.events, known, self.planning.rules, now, bookmark.read_before)
                await self.ledger.take(bookmark.cursor, Taken(page.next_cursor, position, watches, letters), now)
        self._at_head = page.at_head
        self.pulse.behind_since = page.events[-1].happened_at if page.events and not page.at_head else None
        self.pulse.pulled(now, position if page.at_head else None)


def _in_words(error: Exception) -> str:
    """Our own errors say what is wrong; a library's may hold data, so only its name is told."""
    if isinstance(error, WorkflowAwayError | WorkflowRefusalError | CursorGoneError):
        return str(error)
    kind = (
        "The database does not answer"
        if isinstance(error, SQLAlchemyError | TimeoutError)
        else "The system does not let us"
    )
    return f"{kind} ({type(error).__name__})."
