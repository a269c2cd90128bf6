"""Is this post of SECOR's, whole, and of now? Two ways to know: by hand, or with a library of Standard Webhooks."""

import base64
import hmac
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256

OLDEST_SECONDS = 300


def by_hand(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    """Header names in lower case; the body exactly as it came, before anything reads it as JSON."""
    sent_at = headers.get("webhook-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdigit()) or abs(time.time() - int(sent_at)) > OLDEST_SECONDS:
        return False
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    given = headers.get("webhook-signature", "").split()  # during a rotation there is one for each secret
    return any(hmac.compare_digest(_signature(secret, signed), one.encode()) for secret in secrets for one in given)


def _signature(secret: str, signed: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return b"v1," + base64.b64encode(hmac.digest(key, signed, sha256))


def by_library(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    """The same with `pip install standardwebhooks`; there are libraries for a dozen languages."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError  # noqa: PLC0415 (only this way needs it)

    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers))
        except (WebhookVerificationError, ValueError):  # the latter for a header that is no signature at all
            continue
        return True
    return False
