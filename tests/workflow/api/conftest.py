"""A running service for the tests of a file."""

from collections.abc import Iterator

import pytest

from databases import PostgresServer
from workflow.api.service import Service
from workflow.template import WORKFLOW


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service of one test file: on SQLite, unless the file asks for both engines."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with Service(f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}") as sqlite:
            yield sqlite
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    database = WORKFLOW.create_database(server)
    with Service(server.url(database)) as postgresql:
        yield postgresql
    server.drop_database(database)
