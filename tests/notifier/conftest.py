"""What the notifier's tests may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from databases import PostgresServer
from notifier.house import House
from notifier.template import NOTIFIER
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.engine import open_engine, read_url


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both services, on SQLite, with a mailbox folder."""
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as running:
        yield running


@pytest.fixture
def ledger_url(engine_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty ledger database of the kind in turn."""
    if engine_kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        NOTIFIER.begin(url)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = NOTIFIER.create_database(server)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def engine(ledger_url: str) -> AsyncIterator[AsyncEngine]:
    """One opened on it."""
    opened = open_engine(read_url(ledger_url))
    yield opened
    await opened.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine)
