"""The pages about webhooks and calendars, followed as they stand beside both services; and the two ways to verify."""

import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from verify_webhook import by_hand, by_library

from how_to.reader import EXAMPLES
from how_to.test_shell_pages import follow_page
from notifier.serving import Serving
from secor_notifier.main import create_app
from secor_notifier.settings import Settings
from secor_notifier.webhooks.signing import headers, secret_of
from workflow.api.service import Service

OLD, NEW, BODY = secret_of(b"o" * 32), secret_of(b"n" * 32), '{"name":"Café"}'


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


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def beside(notifier: str) -> Mapping[str, str]:
    """What stands elsewhere here than on the page."""
    return {
        "http://127.0.0.1:8001": notifier,
        "8787": str(free_port()),
        ".venv/bin/python": sys.executable,
        "docs/examples": str(EXAMPLES),
    }


def test_webhooks_are_received_verified_replayed_and_their_secret_changed(
    service: Service, notifier: str, tmp_path: Path
) -> None:
    told = follow_page(service, "receive-webhooks.md", tmp_path, beside(notifier))

    assert told.count('"status":"delivered"') == 2, told  # both pings, with the old secret and with both
    received = [line.split()[:2] for line in (tmp_path / "received").read_text("utf-8").splitlines()]
    ping, event = "ca.go2hr.secor.WebhookPinged.v1", "ca.go2hr.secor.EmployerRegistered.v1"
    assert received == [["new", ping], ["new", event], ["again", event], ["new", ping]]
    assert len((tmp_path / "webhook.secrets").read_text("utf-8").split()) == 2


def test_a_calendar_is_subscribed_to_and_revoked(service: Service, notifier: str, tmp_path: Path) -> None:
    told = follow_page(service, "subscribe-to-a-calendar.md", tmp_path, beside(notifier))

    assert "SUMMARY:SECOR: " in told
    assert [line for line in told.splitlines() if line in {"304", "404"}] == ["304", "404"]


@pytest.mark.parametrize("is_ours", [by_hand, by_library])
def test_both_ways_take_what_is_ours_and_nothing_else(is_ours: Callable[..., bool]) -> None:
    now = datetime.now(UTC)
    ours = headers([NEW, OLD], "id-1", now, BODY)

    for secrets in ([OLD], [NEW], [OLD, NEW], [secret_of(b"x" * 32), NEW]):
        assert is_ours(secrets, ours, BODY.encode())
    wrong = [
        ([secret_of(b"x" * 32)], ours, BODY),
        ([], ours, BODY),
        ([NEW], ours, BODY + " "),
        ([NEW], ours | {"webhook-id": "id-2"}, BODY),
        ([NEW], ours | {"webhook-timestamp": "soon"}, BODY),
        ([NEW], ours | {"webhook-signature": "v1"}, BODY),
        ([NEW], headers([NEW], "id-1", now - timedelta(minutes=6), BODY), BODY),
        ([NEW], headers([NEW], "id-1", now + timedelta(minutes=6), BODY), BODY),
        ([NEW], {}, BODY),
    ]
    assert [is_ours(secrets, told, body.encode()) for secrets, told, body in wrong] == [False] * len(wrong)
