"""Tokens of OpenID providers: signature and claims are looked at, and an actor comes out."""

import asyncio
import hashlib
import ssl
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
from joserfc import jws
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry
from pydantic_core import from_json

from secor_workflow.clock import true_now
from secor_workflow.credentials.claims import BadTokenError, Claimed, claimed
from secor_workflow.credentials.credential import Credential
from secor_workflow.credentials.identities import Identities
from secor_workflow.credentials.signing_keys import SigningKeys
from secor_workflow.domain.context import Actor
from secor_workflow.providers import Provider

LONGEST, PARTS = 8192, 3
REMEMBER_SECONDS, REMEMBER_MOST = 60.0, 10_000
"""How long a token that was looked at is taken as it is, and how many are remembered."""
TYPES = {"jwt", "at+jwt"}
"""What a token may call itself: an access token (RFC 9068), or nothing in particular as Keycloak and Entra do."""
EXPIRED = ("expired", "The token has expired; get a new one.", "token_expired")
_LAST = datetime.max.replace(tzinfo=UTC).timestamp() - 1


@dataclass(frozen=True, slots=True)
class _Seen:
    issuer: str
    claimed: Claimed
    ends_at: datetime
    until: float


class Tokens:
    """Looks at tokens; one that was found good is not looked at again for a minute."""

    def __init__(self, providers: tuple[Provider, ...], identities: Identities) -> None:
        self._http = httpx.AsyncClient(follow_redirects=False, verify=_authorities())
        self._providers = {provider.issuer: (provider, SigningKeys(provider, self._http)) for provider in providers}
        self._identities = identities
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()

    @property
    def issuers(self) -> frozenset[str]:
        return frozenset(self._providers)

    async def ready(self) -> None:
        """Every provider's keys are known. Raises ProviderAwayError."""
        await asyncio.gather(*(keys.ready() for _, keys in self._providers.values()))

    async def close(self) -> None:
        for _, keys in self._providers.values():
            await keys.close()
        await self._http.aclose()

    def may_be_one(self, text: str) -> bool:
        """Whether it has a token's form, and tokens are taken here at all."""
        return bool(self._providers) and text.count(".") == PARTS - 1

    async def authenticate(self, text: str) -> Credential:
        """Who comes with this token. Raises BadTokenError, or ProviderAwayError if that cannot be said now."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        seen = self._seen.get(digest)
        if seen is None or seen.until < time.monotonic() or seen.ends_at <= true_now():
            seen = self._seen[digest] = await self._look(text)
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

    async def _look(self, text: str) -> _Seen:
        if len(text) > LONGEST or not text.isascii():
            raise BadTokenError("too_long", f"A token has {LONGEST} characters at most, all of them ASCII.")
        try:
            return await self._verified(text)
        except ExpiredTokenError:
            raise BadTokenError(*EXPIRED) from None
        except MissingClaimError as error:
            raise BadTokenError("claim_missing", f"The token lacks a claim: {error.description[:100]}.") from None
        except InvalidClaimError as error:
            raise BadTokenError(f"bad_{error.claim}", f"The token's `{error.claim}` does not fit here.") from None
        except JoseError as error:
            raise BadTokenError(error.error or "malformed", "The token is not one that its issuer signed.") from None

    async def _verified(self, text: str) -> _Seen:
        signed = jws.extract_compact(text.encode())
        claims = _object(signed.payload)
        issuer = claims.get("iss")
        provider, keys = self._providers.get(issuer if isinstance(issuer, str) else "", (None, None))
        if provider is None or keys is None:
            raise BadTokenError("unknown_issuer", "The token is of an issuer whose tokens are not taken here.")
        kid = _header(signed.headers(), provider)
        key = await keys.of(kid)
        if key is None:
            raise BadTokenError("unknown_key", "The token was signed with a key that its issuer does not show.")
        if key.alg not in {None, signed.headers()["alg"]}:
            raise BadTokenError("algorithm", "The token was signed in another way than its key is for.")
        if not jws.validate_compact(signed, key, registry=_registry(provider)):
            raise BadTokenError("bad_signature", "The token is not one that its issuer signed.")
        JWTClaimsRegistry(
            leeway=provider.leeway_seconds,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "values": list(provider.audience)},
            exp={"essential": True},
        ).validate(claims)
        ends_at = datetime.fromtimestamp(min(claims["exp"] + provider.leeway_seconds, _LAST), UTC)
        if ends_at <= true_now():  # the library counts in whole seconds
            raise BadTokenError(*EXPIRED)
        return _Seen(provider.issuer, claimed(claims, provider), ends_at, time.monotonic() + REMEMBER_SECONDS)


@cache
def _authorities() -> ssl.SSLContext:
    """Whom TLS trusts; read once, for reading takes long."""
    return httpx.create_ssl_context()


def _registry(provider: Provider) -> jws.JWSRegistry:
    return jws.JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)


def _object(payload: bytes) -> dict[str, Any]:
    try:
        claims = from_json(payload, allow_inf_nan=False)
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise BadTokenError("malformed", "The token's claims are no JSON object.")
    return claims


def _header(header: Any, provider: Provider) -> str | None:  # noqa: ANN401 (any JSON)
    """The key's id, once the rest of the header is what it may be."""
    if not isinstance(header, dict):
        raise BadTokenError("malformed", "The token's header is no JSON object.")
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in TYPES:
        raise BadTokenError("type", "This kind of token does not open anything; send an access token.")
    if header.get("alg") not in provider.algorithms:
        raise BadTokenError("algorithm", f"Tokens of this issuer are signed with {' or '.join(provider.algorithms)}.")
    if "crit" in header or "b64" in header:
        raise BadTokenError("critical_header", "The token asks for more than is understood here.")
    if kid is not None and not isinstance(kid, str):
        raise BadTokenError("malformed", "The token's `kid` is no text.")
    return kid
