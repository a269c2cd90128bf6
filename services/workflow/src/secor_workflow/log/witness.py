"""What this process has seen of the log's end: a database that lacks it has lost events, and is refused."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.logs import logger

_log = logger(__name__)


class LogWentBackError(ConnectionError):
    """The database does not hold what this process knows to be committed: one that was behind has taken over."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"has lost events: position {position} was committed and is not there. Stop every process of the workflow, "
            "run `secor-workflow new-epoch`, and start them again."
        )


class Witness:
    """Looks at each new connection before it is used: another server is only ever reached by a new one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.position = 0
        self._event_id: UUID | None = None
        self._told = False
        if engine.dialect.name == "postgresql":
            sa.event.listen(engine.sync_engine, "connect", self._look)

    def saw(self, position: int, event_id: UUID) -> None:
        """Remember an event that is committed."""
        if position > self.position:
            self.position, self._event_id = position, event_id

    def check(self, position: int, event_id: UUID | None, *, known: int) -> None:
        """Refuse an end of the log before `known`, which was committed when the database was asked."""
        if position < known:
            raise self._refusal(known)
        if event_id is not None:
            self.saw(position, event_id)

    def _look(self, connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
        if self._event_id is None:
            return
        position, event_id = self.position, self._event_id
        cursor = connection.cursor()
        cursor.execute("SELECT event_id FROM events WHERE position = $1", (position,))
        found = cursor.fetchone()
        cursor.close()
        connection.rollback()
        if found is None or found[0] != event_id:
            raise self._refusal(position)

    def _refusal(self, position: int) -> LogWentBackError:
        error = LogWentBackError(position)
        if not self._told:
            _log.critical("the database has lost events; nothing is served from it", position=position)
            self._told = True
        return error
