"""A running service for the tests of a file, and a log that already holds some pages."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from databases import PostgresServer
from feed.filling import fill
from feed.processes import Process, a_place
from loopback import NO_TLS
from workflow.api.service import Service
from workflow.log.stories import NOON
from workflow.template import WORKFLOW

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
    database = WORKFLOW.create_database(server)
    with Service(server.url(database), heartbeat_seconds=0.3) as postgresql:
        yield postgresql
    server.drop_database(database)


def a_client(service: Service) -> httpx.Client:
    headers = {"Authorization": f"Bearer {service.reader.key}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=20, verify=NO_TLS)


@pytest.fixture
def listener(service: Service) -> Iterator[httpx.Client]:
    """A dashboard's client, for streams: `service.reader` reads every answer to its end, as JSON."""
    with a_client(service) as client:
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
def bulk(filled: Service) -> Iterator[httpx.Client]:
    """A client of that service which asks for NDJSON."""
    with a_client(filled) as client:
        client.headers["Accept"] = "application/x-ndjson"
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., Process]:
    """Gives a process of the service on a database, to be entered; its settings are keywords."""

    def serve(database_url: str, **settings: object) -> Process:
        return Process(a_place(tmp_path / "run", database_url, **settings))

    return serve
