"""A running workflow for each worked example, so that each begins with an empty log and the present time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from how_to.reader import free_port
from notifier.serving import Serving
from secor_notifier.main import create_app
from secor_notifier.settings import Settings
from workflow.api.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}") as running:
        yield running


@pytest.fixture
def notifier(service: Service, tmp_path: Path) -> Iterator[str]:
    """A notifier beside the workflow, in sandbox mode; its address."""
    port = free_port()
    settings = Settings.model_validate(
        {
            "home": tmp_path / "notifier",
            "sandbox": True,
            "workflow_url": service.url,
            "workflow_key": SecretStr(service.notifier.key or ""),
            "port": port,
            "tick_seconds": 0.2,
            "poll_seconds": 1,
        }
    )
    with Serving(create_app(settings), port) as serving:
        yield serving.url
