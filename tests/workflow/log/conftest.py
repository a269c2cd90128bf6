"""Migrated databases of both kinds, copied from a template, and the rooms opened on them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from databases import PostgresServer, migrated
from secor_workflow.api.rooms import Rooms
from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate
from secor_workflow.log.log import Log
from workflow.log.services import a_log, a_service


def bring_up_to_date(url: str) -> None:
    async def run() -> None:
        engine = open_engine(url)
        try:
            await migrate(engine)
        finally:
            await engine.dispose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "workflow.db"
    bring_up_to_date(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_log_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "workflow.db")
    return f"sqlite:///{tmp_path / 'workflow.db'}"


@pytest.fixture
def postgres_log_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    name = postgres.create_database(migrated(postgres, "workflow", bring_up_to_date))
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
