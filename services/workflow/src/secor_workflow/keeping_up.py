"""Keeping up with other processes: keys, links and sign-ins are read anew and noted every few seconds."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.credentials.identities import Identities
from secor_workflow.keys import Keys

_log = logging.getLogger(__name__)


async def follow(keys: Keys, identities: Identities, seconds: float) -> None:
    """For ever; while the database is away those who are known go on."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await keys.refresh()
            await identities.refresh()
            await keys.note_use()
            await identities.note_seen()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("credentials could not be read anew: %s", type(error).__name__)
