"""The OpenID providers whose tokens open, as the environment names them."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat, StringConstraints

from secor_workflow.domain.context import Role

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that the provider alone can make. Neither `none` nor a shared secret is among them."""

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def is_private(url: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _private(url: str) -> str:
    if not is_private(url) or re.search(r"[\s\\?#]", url):
        raise ValueError("an https:// address, with no query (http:// on this machine alone)")
    return url


def _steps(path: object) -> object:
    return path.split(".") if isinstance(path, str) else path


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _of_a_caller(role: Role) -> Role:
    if role is Role.CLOCK:
        raise ValueError("the clock has no credential")
    return role


Url = Annotated[str, AfterValidator(_private)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ClaimPath = Annotated[tuple[Name, ...], BeforeValidator(_steps), Field(min_length=1, max_length=8)]
"""Where in a token: `realm_access.roles`; a list of names where a name itself has dots."""


class Provider(BaseModel):
    """One issuer of tokens, and how to read them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Url
    """Exactly as the tokens' `iss` says it."""
    audience: Annotated[tuple[Name, ...], BeforeValidator(_several), Field(min_length=1)]
    """What `aud` must name: this service, not some client of it."""
    roles: Annotated[dict[Name, Annotated[Role, AfterValidator(_of_a_caller)]], Field(min_length=1)]
    """The provider's names of our roles. Who has several acts as the first in this order."""
    roles_claim: ClaimPath = ("roles",)
    account_claim: ClaimPath = ("worksafebc_account",)
    """An employer's WorkSafeBC account."""
    actor_claim: ClaimPath = ("sub",)
    """What names the person for ever: `sub`; with Entra better `oid`."""
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    leeway_seconds: int = Field(default=30, ge=0, le=60)
    """By how much the provider's clock may differ from ours."""
    jwks_url: Url | None = None
    """Where the provider's keys are, if it has no discovery document."""
    refetch_seconds: PositiveFloat = 10.0
    """The keys are fetched once in this time at most, however many tokens name unknown ones."""
    renew_seconds: PositiveFloat = 300.0
    """After this time known keys are fetched again, so that a withdrawn one opens nothing any more."""
    keep_seconds: PositiveFloat = 12 * 3600.0
    """For so long known keys go on while the provider cannot be reached."""
