"""Signatures that every Standard Webhooks library verifies."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from secor_notifier.webhooks.signing import headers, secret_of, signature

SECRET = secret_of(b"k" * 32)
OTHER = secret_of(b"o" * 32)
BODY = json.dumps({"name": "Café", "n": 1}, ensure_ascii=False)


def test_the_published_vector() -> None:
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_verifies_it_with_the_library() -> None:
    told = headers([SECRET], "id-1", datetime.now(UTC), BODY)

    assert Webhook(SECRET).verify(BODY, told) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, told)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY + " ", told)


@pytest.mark.parametrize("body", [BODY, "", '{"test": 2432232314}', "é" * 5000, "a.b.c"])
def test_their_library_signs_alike(body: str) -> None:
    now = datetime.now(UTC)

    assert signature(SECRET, "msg_1.2", now, body) == Webhook(SECRET).sign("msg_1.2", now, body)


def test_while_a_rotation_overlaps_both_secrets_verify() -> None:
    told = headers([OTHER, SECRET], "id-1", datetime.now(UTC), BODY)

    assert told["webhook-signature"].count(" ") == 1
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(BODY, told)


def test_the_instant_is_signed_whatever_zone_it_is_told_in() -> None:
    instant = datetime(2026, 12, 1, 18, 0, 0, 999999, tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=-7)))

    assert headers([SECRET], "id", instant, "") == headers([SECRET], "id", elsewhere, "")
    assert headers([SECRET], "id", instant, "")["webhook-timestamp"] == str(int(instant.timestamp()))


def test_a_time_without_a_zone_is_not_signed() -> None:
    with pytest.raises(ValueError, match="instant"):
        signature(SECRET, "id", datetime(2026, 12, 1), "")  # noqa: DTZ001 - which is the point


def test_a_secret_has_the_length_that_the_specification_asks_for() -> None:
    assert SECRET.startswith("whsec_")
    assert 24 <= len(b"k" * 32) <= 64
