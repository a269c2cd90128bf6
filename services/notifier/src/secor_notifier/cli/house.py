"""The ledger for as long as one command needs it, in the database that its environment names."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.cli.exits import Exit
from secor_notifier.cli.failures import Failure, failure_of
from secor_notifier.cli.speech import complain
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.schema import check_schema
from secor_notifier.settings import Settings

T = TypeVar("T")


def within(work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Read in a ledger that is there, and of this version."""

    async def checked(engine: AsyncEngine) -> T:
        await check_schema(engine)
        return await work(engine)

    return on_database(checked)


def on_database(work: Callable[[AsyncEngine], Awaitable[T]], *, may_begin: bool = False) -> T:
    """Do something with the database."""

    async def run() -> T:
        url = read_url(Settings().database_url)
        file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        if file and not may_begin and not file.exists():
            told = "Are SECOR_HOME and NOTIFIER_DATABASE_URL those of the service?"
            raise Failure(Exit.UNAVAILABLE, f"There is no database at {file}. {told}")
        engine = open_engine(url, statement_seconds=None)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return answered(run)


def answered(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end; what keeps it from that is said in a sentence, and no traceback."""
    try:
        return asyncio.run(run())
    except BrokenPipeError:  # whoever read our answer has had enough: the library ends it without a word
        raise
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        complain(failure.sentence)
        raise typer.Exit(failure.exit) from None
