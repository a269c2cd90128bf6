"""Looks at a token of an OpenID provider: its signature by the provider's keys, its times, and what it claims."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
from joserfc import jws
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry
from pydantic_core import from_json

from secor_workflow.clock import true_now
from secor_workflow.credentials.claims import BadTokenError, Claimed, claimed
from secor_workflow.credentials.signing_keys import SigningKeys
from secor_workflow.providers import Provider

LONGEST = 8192
REMEMBER_SECONDS = 60.0
"""How long a token that was looked at is taken as it is."""
TYPES = {"jwt", "at+jwt"}
"""What a token may call itself: an access token (RFC 9068), or nothing in particular as Keycloak and Entra do."""
EXPIRED = ("expired", "The token has expired; get a new one.", "token_expired")
_LAST = datetime.max.replace(tzinfo=UTC).timestamp() - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A token that was found good, and until when it need not be looked at again."""

    issuer: str
    claimed: Claimed
    ends_at: datetime
    until: float


class Verifier:
    """Knows the providers whose tokens are taken, and fetches their keys."""

    def __init__(self, providers: tuple[Provider, ...]) -> None:
        self._http = httpx.AsyncClient(follow_redirects=False, verify=_authorities())
        self._providers = {provider.issuer: (provider, SigningKeys(provider, self._http)) for provider in providers}

    async def ready(self) -> None:
        """Every provider's keys are known. Raises ProviderAwayError."""
        await asyncio.gather(*(keys.ready() for _, keys in self._providers.values()))

    async def close(self) -> None:
        for _, keys in self._providers.values():
            await keys.close()
        await self._http.aclose()

    async def look(self, text: str) -> Seen:
        """What the token tells. Raises BadTokenError, or ProviderAwayError if that cannot be said now."""
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

    async def _verified(self, text: str) -> Seen:
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
        return Seen(provider.issuer, claimed(claims, provider), ends_at, time.monotonic() + REMEMBER_SECONDS)


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
