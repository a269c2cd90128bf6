"""Keeping up with other processes: keys, links and sign-ins are read anew when one says so, and every few seconds."""

from sqlalchemy.exc import SQLAlchemyError

from secor_workflow.credentials.identities import Identities
from secor_workflow.credentials.persons import Persons
from secor_workflow.database.calling import Ear
from secor_workflow.keys import Keys
from secor_workflow.logs import logger

_log = logger(__name__)


async def follow(ear: Ear, keys: Keys, identities: Identities, persons: Persons, seconds: float) -> None:
    """For ever; while the database is away those who are known go on."""
    async with ear:
        while True:
            await ear.wait(seconds)
            try:
                await keys.refresh()
                await identities.refresh()
                await persons.refresh()
                await keys.note_use()
                await identities.note_seen()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("credentials could not be read anew", error=type(error).__name__)
