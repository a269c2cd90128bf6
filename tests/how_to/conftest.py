"""A running workflow for each worked example, so that each begins with an empty log and the present time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow.api.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}") as running:
        yield running
