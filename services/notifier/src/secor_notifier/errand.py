"""Work beside the letters, each for itself: one that is in trouble holds up no other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.logs import logger
from secor_notifier.pulse import Pulse
from secor_notifier.workflow import CursorGoneError, WorkflowAwayError, WorkflowRefusalError

PAUSE = 5.0
WAITED_OUT = (WorkflowAwayError, WorkflowRefusalError, CursorGoneError, SQLAlchemyError, OSError)
log = logger(__name__)


@dataclass(frozen=True)
class Errand:
    """Done for every piece of news and every tick; trouble is told and waited out, and never ends it."""

    name: str
    work: Callable[[], Awaitable[None]]

    async def run(self, pulse: Pulse, tick_seconds: float) -> None:
        """Until cancelled."""
        news = pulse.listener()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), tick_seconds)
            news.clear()
            try:
                await self.work()
            except WAITED_OUT as error:
                pulse.troubles[self.name] += 1
                log.warning("an errand waits", errand=self.name, seconds=PAUSE, error=type(error).__name__)
                await asyncio.sleep(PAUSE)
            except Exception:
                pulse.troubles[self.name] += 1
                log.exception("an errand met unexpected trouble", errand=self.name, seconds=PAUSE)
                await asyncio.sleep(PAUSE)
