"""A provider, and a service that takes its tokens beside keys, for the tests of a file."""

from collections.abc import Iterator

import pytest

from workflow.api.service import Service
from workflow.identity.provider import Provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="module")
def service(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service of one test file, in sandbox mode on SQLite."""
    url = f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}"
    with Service(url, oidc=(provider.settings(algorithms=["RS256", "ES256"]),)) as running:
        yield running
