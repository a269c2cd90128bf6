"""What the notifier's tests may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.house import House
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.migrations import migrate


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both services, on SQLite, with a mailbox folder."""
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as running:
        yield running


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated, empty ledger database of the kind in turn."""
    opened = open_engine(read_url(database_url))
    await migrate(opened)
    yield opened
    await opened.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine)
