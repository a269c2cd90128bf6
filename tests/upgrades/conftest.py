"""A database of either service, of either kind, in any version."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from upgrades.houses import NOTIFIER, WORKFLOW, House


@pytest.fixture(params=[WORKFLOW, NOTIFIER], ids=lambda house: house.name)
def house(request: pytest.FixtureRequest) -> House:
    """Each promise is both services'."""
    found: House = request.param
    return found


@pytest.fixture
async def engine(house: House, database_url: str) -> AsyncIterator[AsyncEngine]:
    """Opened on an empty database."""
    opened = house.open(database_url)
    yield opened
    await opened.dispose()
