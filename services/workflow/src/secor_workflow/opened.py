"""The start of a process whose database may not be there yet: it is tried again until it is, and served meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from secor_workflow.database.engine import is_away
from secor_workflow.logs import logger

AGAIN_SECONDS = 1.0
_log = logger(__name__)


@dataclass(slots=True)
class Opened:
    """Whether the process has read all that it needs to answer."""

    done: bool = False

    async def attempt(self, begin: Callable[[], Awaitable[None]]) -> bool:
        """Begin, unless the database is away. Raises what no waiting mends."""
        try:
            await begin()
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("the database does not answer: not ready", again_in_seconds=AGAIN_SECONDS)
            return False
        return True

    async def keep_trying(self, begin: Callable[[], Awaitable[None]]) -> None:
        """Until it has begun; what is wrong with the database may be mended meanwhile, as by a migration."""
        while not self.done:
            await asyncio.sleep(AGAIN_SECONDS)
            try:
                await self.attempt(begin)
            except Exception as error:  # noqa: BLE001 (whoever looks after the database mends it, not a restart)
                _log.error("the database is not as it must be: not ready", error=str(error) or type(error).__name__)
        _log.info("the database answers: ready")
