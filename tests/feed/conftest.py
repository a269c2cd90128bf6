"""A running service for the tests of a file, and a log that already holds some pages."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from databases import PostgresServer
from feed.filling import fill
from feed.processes import Process, a_place
from workflow.api.service import Service
from workflow.log.stories import NOON

FILLED = 4_500
"""Four full fixed pages and a half, some megabytes: more than sockets hold."""


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service of one file, which gives signs of life often: on SQLite, unless the file asks for both engines."""
    if getattr(request, "param", "sqlite") == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}"
        with Service(url, heartbeat_seconds=0.3) as sqlite:
            yield sqlite
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    database = server.create_database()
    with Service(server.url(database), heartbeat_seconds=0.3) as postgresql:
        yield postgresql
    server.drop_database(database)


@pytest.fixture
def listener(service: Service) -> Iterator[httpx.Client]:
    """A dashboard's client: unlike `service.reader` it does not read answers to their end by itself."""
    headers = {"Authorization": f"Bearer {service.reader.key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def filled_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "workflow.db"
    with Service(f"sqlite:///{path}") as service:
        answer = service.admin.put("/v1/sandbox/clock", json={"now": NOON.isoformat()})
        assert answer.status_code == 200, answer.text  # else the clock would add what has fallen due since
    fill(f"sqlite:///{path}", FILLED)
    return path


@pytest.fixture
def filled_url(filled_template: Path, tmp_path: Path) -> str:
    """A database with FILLED events."""
    shutil.copy(filled_template, tmp_path / "workflow.db")
    return f"sqlite:///{tmp_path / 'workflow.db'}"


@pytest.fixture
def filled(filled_url: str) -> Iterator[Service]:
    """A running service whose log holds FILLED events."""
    with Service(filled_url) as service:
        yield service


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., Process]:
    """A process of the service, to be entered: `with serve(database_url, setting=…) as process:`."""

    def serve(database_url: str, **settings: object) -> Process:
        return Process(a_place(tmp_path / "run", database_url, **settings))

    return serve
