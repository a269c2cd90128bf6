"""A running service for the tests of a file, as those of the API have it."""

from collections.abc import Iterator

import pytest

from workflow.api.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}") as running:
        yield running
