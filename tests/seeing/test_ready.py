"""`/readyz` tells each dependency: without those that most requests do not need a service is degraded, and goes on."""

import socket
import time
from pathlib import Path
from typing import Any

from notifier.house import House, eventually
from workflow.api.service import Service
from workflow.identity.provider import Provider


def ready(service: Service) -> tuple[str, str]:
    told: dict[str, Any] = service.nobody.read("/readyz")
    return told["status"], told["checks"]["issuers"]


def test_a_provider_whose_keys_cannot_be_had_degrades_the_workflow_until_it_is_back(tmp_path: Path) -> None:
    """Nobody need come with a token for that: whoever asks whether all is ready has the keys asked for."""
    with Provider() as provider:
        provider.stop()
        settings = provider.settings(refetch_seconds=0.01)
        with Service(f"sqlite:///{tmp_path / 'workflow.db'}", oidc=(settings,)) as service:
            assert ready(service) == ("degraded", "does not answer")
            assert service.staff.read("/v1/cases")["items"] == []

            provider.start()
            until = time.monotonic() + 15
            while ready(service) != ("ok", "ok"):
                assert time.monotonic() < until


def test_a_mail_server_that_is_away_degrades_the_notifier(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nowhere = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", mail_url=nowhere) as house:
        eventually(lambda: house.ask("/readyz").status_code == 200)
        told = house.ask("/readyz").json()

        assert told["status"] == "degraded"
        assert told["checks"]["mail"].startswith("does not answer")
        assert "secor_notifier_mail_up 0.0" in house.ask("/metrics").text
