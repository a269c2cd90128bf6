"""What every test may ask for: an empty database of either kind, SQLite's a file, PostgreSQL's on a real server."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import MEMORY, PostgresServer, installations


def pytest_configure() -> None:
    """Temporary files go to memory where there is some: what a test promises does not hang on a disk's patience."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    os.environ["SECOR_HOME"] = tempfile.mkdtemp(prefix="secor-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    for service in ("WORKFLOW", "NOTIFIER"):  # tests begin with empty databases, of PostgreSQL too
        os.environ.setdefault(f"{service}_AUTO_MIGRATE", "1")
    gc.disable()  # see below


def pytest_collection_finish() -> None:
    """What was imported stays: garbage is looked for among what tests make, not there over and over."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """What a service kept in its home because a test named no other place."""
    shutil.rmtree(os.environ["SECOR_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The one server of this run."""
    if not installations():
        refuse = pytest.fail if os.environ.get("SECOR_REQUIRE_POSTGRES") == "1" else pytest.skip
        refuse("no PostgreSQL on this machine; name its programs' folder in SECOR_POSTGRES_BIN")
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database, dropped afterwards."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Each promise about storage is kept on both."""
    return str(request.param)


@pytest.fixture
def database_url(engine_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the kind in turn."""
    if engine_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))
