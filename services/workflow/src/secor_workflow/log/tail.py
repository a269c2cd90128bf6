"""The newest events in memory, rendered once, for every live client of this process."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.log.log import Log
from secor_workflow.logs import logger

KEEP = 20_000
"""How many events a slow client may lag behind before it is read from the database again."""
AT_ONCE = 100
"""How many go to a client in one piece: what it may make us hold in memory by not reading is twice that."""
COME_AGAIN = 100, 1000
"""After how many milliseconds clients whose stream we end shall come again: at the least and at the most."""
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a live client gets it."""

    position: int
    type: str
    case_id: UUID
    frame: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a client asked for; everything if it named nothing."""

    types: frozenset[str] = frozenset()
    case_id: UUID | None = None

    @property
    def all(self) -> bool:
        return not self.types and self.case_id is None

    def takes(self, line: Line) -> bool:
        return (not self.types or line.type in self.types) and (self.case_id is None or line.case_id == self.case_id)


class Tail:
    """Follows the head as long as somebody listens. One reader of the database for all of them."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lines: deque[Line] = deque(maxlen=KEEP)
        self._position: int | None = None
        self._moved = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self.listeners = 0

    async def frames(self, after: int, wanted: Wanted, heartbeat: float) -> AsyncGenerator[bytes, None]:
        """Server-sent events after a position, until we stop, with a sign of life when there is nothing to tell.

        A frame without data still carries an id, so that a client with a rare filter moves on.
        """
        async with self._listening():
            position = after
            while not self._log.released:
                lines = await self._after(position)
                if lines:
                    position = lines[-1].position
                    found = b"".join(line.frame for line in lines if wanted.takes(line))
                    yield found or self._sign_of_life(position)
                elif not await self._wait(position, heartbeat):
                    yield self._sign_of_life(position)
            yield self._farewell(position)

    def _farewell(self, position: int) -> bytes:
        """When to come again, and with which id; not all at once, for the next process has to take them."""
        again = random.randint(*COME_AGAIN)  # noqa: S311 (nothing secret)
        return f": stopping\nretry: {again}\nid: {self._log.cursor(position)}\n\n".encode()

    def _sign_of_life(self, position: int) -> bytes:
        return f": alive\nid: {self._log.cursor(position)}\n\n".encode()

    async def _after(self, position: int) -> Sequence[Line]:
        """From memory if it reaches back so far, else from the database."""
        if self._position is not None and position >= self._position:
            return ()  # the reader will tell
        lines = self._lines
        if lines and position >= lines[0].position - 1:
            first = position - lines[0].position + 1  # positions have no gap, so a place is a subtraction
            return [lines[i] for i in range(first, min(first + AT_ONCE, len(lines)))]
        return await self._read(position)

    async def _read(self, position: int) -> Sequence[Line]:
        rows = await self._log.rows_after(position, AT_ONCE)
        return [Line(row.position, row.type, row.case_id, self._frame(row.position, row.body)) for row in rows]

    def _frame(self, position: int, text: str) -> bytes:
        return f"id: {self._log.cursor(position)}\ndata: {text}\n\n".encode()

    async def _wait(self, position: int, seconds: float) -> bool:
        async with self._moved:
            try:
                async with asyncio.timeout(seconds):
                    await self._moved.wait_for(lambda: self._is_past(position) or self._log.released)
            except TimeoutError:
                return False
        return True

    def _is_past(self, position: int) -> bool:
        return self._position is not None and self._position > position

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        self.listeners += 1
        if self._reader is None:
            self._reader = asyncio.create_task(self._follow(), name="tail")
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners and self._reader is not None:
                self._reader.cancel()
                self._reader = self._position = None
                self._lines.clear()

    async def _follow(self) -> None:
        """Read on from the head; while the database is away, look again every second."""
        while not self._log.released:
            try:
                await self._read_on()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("the tail waits for the database", error=type(error).__name__)
                await asyncio.sleep(1)
            async with self._moved:
                self._moved.notify_all()

    async def _read_on(self) -> None:
        if self._position is None:
            self._position = await self._log.head()  # those who looked before are told: something may be new to them
        elif await self._log.follow(self._position, seconds=60):
            lines = await self._read(self._position)
            self._lines.extend(lines)
            self._position = lines[-1].position
