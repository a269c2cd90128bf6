"""Writing to SQLite from a thread: however many statements a transaction has, it is one turn for the loop."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import open_synchronous

T = TypeVar("T")


class WriterThread:
    """`exclusive` on SQLite for whom every turn counts: it keeps one connection, until it is told to let go.

    The asynchronous driver takes three or four turns for each statement, and a turn costs as much as a statement. The
    connection is closed whenever something went wrong, and another one is opened for the next time.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = open_synchronous(engine)
        self._thread = _a_thread()
        self._kept: sa.Connection | None = None

    async def transaction(self, work: Callable[[sa.Connection], T]) -> T:
        """What comes of some work alone among all writers, once it is durable.

        Who gives up waiting breaks off nothing: the work is brought to its end.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def let_go(self) -> None:
        """Close the connection, if one is kept, and end the thread."""
        thread, self._thread = self._thread, _a_thread()
        try:
            await asyncio.get_running_loop().run_in_executor(thread, self._close)
        finally:
            thread.shutdown(wait=False)

    def _do(self, work: Callable[[sa.Connection], T]) -> T:
        if self._kept is None:
            self._kept = self._engine.connect()
        try:
            with self._kept.begin():
                return work(self._kept)
        except sqlite3.Error as error:  # of the driver, which the work may ask directly
            self._close()
            ours = OperationalError if isinstance(error, sqlite3.OperationalError) else DBAPIError
            raise ours(None, None, error, hide_parameters=True) from error
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


def driver_of(connection: sa.Connection) -> sqlite3.Connection:
    """SQLite's own connection beneath ours."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 (there is no other driver)
    return driver


def _a_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "sqlite-writer")
