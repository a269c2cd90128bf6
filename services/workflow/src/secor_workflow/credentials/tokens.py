"""Tokens of OpenID providers: each is looked at, and an actor comes out."""

import hashlib
import time
from collections import OrderedDict
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from secor_workflow.clock import true_now
from secor_workflow.credentials.credential import Credential
from secor_workflow.credentials.identities import Identities
from secor_workflow.domain.context import Actor
from secor_workflow.providers import Provider

if TYPE_CHECKING:
    from secor_workflow.credentials.verifier import Seen, Verifier

PARTS = 3
REMEMBER_MOST = 10_000
"""How many tokens are remembered that were looked at."""


class Tokens:
    """Has tokens looked at; one that was found good is not looked at again for a minute."""

    def __init__(self, providers: tuple[Provider, ...], identities: Identities) -> None:
        self._verifier = _verifier(providers) if providers else None
        self._identities = identities
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()
        self.issuers = frozenset(provider.issuer for provider in providers)

    async def ready(self) -> None:
        """Every provider's keys are known. Raises ProviderAwayError."""
        if self._verifier is not None:
            await self._verifier.ready()

    async def close(self) -> None:
        if self._verifier is not None:
            await self._verifier.close()

    def may_be_one(self, text: str) -> bool:
        """Whether it has a token's form, and tokens are taken here at all."""
        return self._verifier is not None and text.count(".") == PARTS - 1

    async def authenticate(self, text: str) -> Credential:
        """Who comes with this token. Raises BadTokenError, or ProviderAwayError if that cannot be said now."""
        assert self._verifier is not None  # noqa: S101 (as `may_be_one` said)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        seen = self._seen.get(digest)
        if seen is None or seen.until < time.monotonic() or seen.ends_at <= true_now():
            seen = self._seen[digest] = await self._verifier.look(text)
            self._seen.move_to_end(digest)
            while len(self._seen) > REMEMBER_MOST:
                self._seen.popitem(last=False)
        who = seen.claimed
        actor_id = self._identities.saw(seen.issuer, who.subject, who.role, who.email_digest)
        return Credential(
            actor=Actor(actor_id, who.role, who.account),
            name=f"token of {seen.issuer}",
            id=uuid5(NAMESPACE_URL, f"{seen.issuer}\n{who.subject}"),
            token_ends_at=seen.ends_at,
        )


def _verifier(providers: tuple[Provider, ...]) -> "Verifier":
    """Only where tokens are taken: what looks at them brings cryptography along, a tenth of a process's memory."""
    from secor_workflow.credentials.verifier import Verifier  # noqa: PLC0415 (see above)

    return Verifier(providers)
