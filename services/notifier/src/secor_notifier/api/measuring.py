"""What the metrics ask the ledger when they are asked themselves: kept for a while that grows with its price."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from secor_notifier.ledger import Bookmark, Ledger
from secor_notifier.ledger.balances import Balance, Balances
from secor_notifier.ledger.reading import Backlog, Reading
from secor_notifier.webhooks.courier import Courier, Load

T = TypeVar("T")

PATIENCE_SECONDS = 2.0
SHARE = 20
"""An answer is kept so many times as long as it took to find: a twentieth of the time goes into measuring at most."""


class Seldom(Generic[T]):
    """Remembers the last answer for a while."""

    def __init__(self, question: Callable[[], Awaitable[T]]) -> None:
        self._question = question
        self._kept: tuple[T, float] | None = None

    async def ask(self) -> T:
        if self._kept is not None and time.monotonic() < self._kept[1]:
            return self._kept[0]
        began = time.monotonic()
        answer = await self._question()
        ended = time.monotonic()
        self._kept = answer, ended + SHARE * (ended - began)
        return answer


@dataclass(frozen=True)
class Measured:
    """The ledger as it is now."""

    bookmark: Bookmark
    backlog: Backlog
    balance: Balance | None
    load: Load


class Measuring:
    """Asks one process's ledger."""

    def __init__(self, engine: AsyncEngine, reading: Reading, courier: Courier) -> None:
        self.engine = engine
        self._ledger, self._balances = Ledger(engine), Balances(engine)
        self._backlog, self._load = Seldom(reading.backlog), Seldom(courier.load)

    async def now(self) -> Measured | None:
        """Nothing, if the database does not answer soon."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return Measured(
                    await self._ledger.bookmark(),
                    await self._backlog.ask(),
                    await self._balances.last(),
                    await self._load.ask(),
                )
        except (SQLAlchemyError, OSError, TimeoutError):
            return None

    def connections(self) -> dict[str, int]:
        """To the database: in use, idle, and the most there may be."""
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            return {}
        most = pool.size() + pool._max_overflow  # noqa: SLF001 (the pool tells it nowhere else)
        return {"in_use": pool.checkedout(), "idle": pool.checkedin(), "most": most}
