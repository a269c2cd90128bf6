"""Signs a delivery as Standard Webhooks says, so that its receiver knows that it is ours, whole, and of now."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

PREFIX = "whsec_"


def secret_of(key: bytes) -> str:
    """A key as its receiver is shown it."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def signature(secret: str, message_id: str, at: datetime, body: str) -> str:
    """The signature of one version and one secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{message_id}.{_seconds(at)}.{body}".encode()
    return "v1," + binascii.b2a_base64(hmac.digest(key, signed, sha256), newline=False).decode("ascii")


def headers(secrets: Iterable[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers; while a rotation overlaps, one signature for each secret, the newest first."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(_seconds(at)),
        "webhook-signature": " ".join(signature(secret, message_id, at, body) for secret in secrets),
    }


def _seconds(at: datetime) -> int:
    """Unix seconds; a time without a zone would be read as the machine's own, and is refused."""
    if at.tzinfo is None:
        raise ValueError("A signature needs an instant, not a time without a zone.")
    return int(at.astimezone(UTC).timestamp())
