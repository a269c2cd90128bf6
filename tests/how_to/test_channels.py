"""The pages about webhooks and calendars, followed as they stand beside both services; and the two ways to verify."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from verify_webhook import by_hand, by_library

from how_to.reader import beside
from how_to.test_shell_pages import follow_page
from secor_notifier.webhooks.signing import headers, secret_of
from workflow.api.service import Service

OLD, NEW, BODY = secret_of(b"o" * 32), secret_of(b"n" * 32), '{"name":"Café"}'


def test_webhooks_are_received_verified_replayed_and_their_secret_changed_and_that_again(
    service: Service, notifier: str, tmp_path: Path
) -> None:
    ping, event = "ca.go2hr.secor.WebhookPinged.v1", "ca.go2hr.secor.EmployerRegistered.v1"
    for _ in range(2):
        told = follow_page(service, "receive-webhooks.md", tmp_path, beside(notifier))

        assert told.count('"status":"delivered"') == 2, told  # both pings, with the old secret and with both
        received = [line.split()[:2] for line in (tmp_path / "received").read_text("utf-8").splitlines()]
        assert received == [["new", ping], ["new", event], ["again", event], ["new", ping]]
        secrets = tmp_path / "webhook.secrets"
        assert len(secrets.read_text("utf-8").split()) == 2
        assert secrets.stat().st_mode & 0o777 == 0o600


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
