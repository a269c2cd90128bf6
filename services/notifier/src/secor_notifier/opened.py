"""The start of a process whose database may not be there yet: it is tried again until it is, and probes say so."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from secor_notifier.logs import logger

AGAIN_SECONDS = 1.0
_PASSING = ("08", "53", "57")
_log = logger(__name__)


def may_pass(error: Exception) -> bool:
    """Whether the database is away (gone, starting, crowded), so that waiting can help."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError | TimeoutError | PoolTimeoutError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_PASSING)


async def attempt(begin: Callable[[], Awaitable[None]]) -> bool:
    """Begin, unless the database is away. Raises what no waiting mends."""
    try:
        await begin()
    except Exception as error:
        if not may_pass(error):
            raise
        _log.warning("the database does not answer: not ready", again_in_seconds=AGAIN_SECONDS)
        return False
    return True


async def keep_trying(begin: Callable[[], Awaitable[None]]) -> None:
    """Until it has begun; what is wrong with the database may be mended meanwhile, as by a migration."""
    begun = False
    while not begun:
        await asyncio.sleep(AGAIN_SECONDS)
        try:
            begun = await attempt(begin)
        except Exception as error:  # noqa: BLE001 (whoever looks after the database mends it, not a restart)
            _log.error("the database is not as it must be: not ready", error=str(error) or type(error).__name__)
    _log.info("the database answers: ready")
