"""A standby of the database that takes reads off it: it is asked for what it surely holds whole, and for no more."""

import asyncio
import time
from collections.abc import Sequence
from typing import TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.database.engine import reading
from secor_workflow.database.tables import epochs, events
from secor_workflow.logs import logger

Columns = TypeVarTuple("Columns")

PATIENCE_SECONDS = 0.1
"""How long a read that needs what was written just now waits for it here rather than ask the primary."""
LOOK_SECONDS = 0.005
REST_SECONDS = 5.0
"""How long a standby that did not answer is left alone."""
_log = logger(__name__)
_newest_epoch = sa.select(epochs.c.epoch).order_by(epochs.c.number.desc()).limit(1).scalar_subquery()
_STANDS_AT = sa.select(sa.select(sa.func.max(events.c.position)).scalar_subquery(), _newest_epoch)


class Replica:
    """Answers as the primary would, or not at all: what is in the log never changes, so one who has it has it right."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._reading = reading(engine)
        self._rests_until = 0.0
        self.answered = 0
        """How many reads it has taken off the primary."""

    async def rows(
        self, query: sa.Select[*Columns], *, needs: int, epoch: str, patience: float = 0.0
    ) -> Sequence[sa.Row[*Columns]] | None:
        """What a query finds if all positions up to `needs` are there already; nothing if the primary is to say it."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            async with self._reading.connect() as connection:
                if not await self._has(connection, needs, epoch, patience):
                    return None
                found = (await connection.execute(query)).all()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("the replica does not answer; the primary does", error=type(error).__name__)
            self._rests_until = time.monotonic() + REST_SECONDS
            return None
        self.answered += 1
        return found

    async def _has(self, connection: AsyncConnection, needs: int, epoch: str, patience: float) -> bool:
        """Whether this very standby is so far, in this epoch: behind one address there may be several."""
        until = time.monotonic() + patience
        while True:
            position, its_epoch = (await connection.execute(_STANDS_AT)).one()
            if its_epoch == epoch and (position or 0) >= needs:
                return True
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(LOOK_SECONDS)
