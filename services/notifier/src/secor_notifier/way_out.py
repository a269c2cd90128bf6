"""The way out of reminders: a signed link for one person and one kind of letter, which needs no key and no password."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from secor_notifier.installation import MasterKey

PURPOSE = "unsubscribe"
SIGNATURE_BYTES = 16
LONGEST = 256


class Kind(StrEnum):
    """What one may do without: the reminders of dates. Decisions and what was filed are told in any case."""

    REMINDERS = "reminders"


@dataclass(frozen=True)
class Leaving:
    """Who wants no more of what."""

    person_id: str
    kind: Kind


@dataclass(frozen=True)
class WayOut:
    """Nothing is kept: a link is right if its signature is, now and in years."""

    key: MasterKey
    public_url: str

    def url(self, leaving: Leaving) -> str:
        return f"{self.public_url.rstrip('/')}/unsubscribe/{self.token(leaving)}"

    def token(self, leaving: Leaving) -> str:
        said = f"{leaving.kind.value}/{leaving.person_id}".encode()
        return f"{_text(said)}.{_text(self._signature(said))}"

    def read(self, token: str) -> Leaving | None:
        """Who is meant, if the token is one of ours."""
        first, _, second = token.partition(".")
        try:
            said, signature = _bytes(first), _bytes(second)
            if len(token) > LONGEST or not hmac.compare_digest(signature, self._signature(said)):
                return None
            kind, _, person_id = said.decode().partition("/")
            return Leaving(person_id, Kind(kind))
        except (binascii.Error, ValueError):
            return None

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.key.derived(PURPOSE), said, sha256)[:SIGNATURE_BYTES]


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
