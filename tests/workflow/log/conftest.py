"""Migrated databases of both kinds, copied from a template, and the rooms opened on them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from databases import PostgresServer
from secor_workflow.api.rooms import Rooms
from secor_workflow.log.log import Log
from workflow.log.services import a_log, a_service
from workflow.template import WORKFLOW


@pytest.fixture
def sqlite_log_url(tmp_path: Path) -> str:
    """A migrated SQLite database."""
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    WORKFLOW.begin(url)
    return url


@pytest.fixture
def postgres_log_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    name = WORKFLOW.create_database(postgres)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def url(engine_kind: str, request: pytest.FixtureRequest) -> str:
    """A migrated database of the kind in turn."""
    name = "sqlite_log_url" if engine_kind == "sqlite" else "postgres_log_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
async def log(url: str) -> AsyncIterator[Log]:
    async with a_log(url) as opened:
        yield opened


@pytest.fixture
async def rooms(url: str) -> AsyncIterator[Rooms]:
    async with a_service(url) as opened:
        yield opened
