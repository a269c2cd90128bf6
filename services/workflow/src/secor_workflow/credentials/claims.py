"""What a token's claims say of its bearer: who, in which role, and of which WorkSafeBC account."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from secor_workflow.credentials.email import digest_of
from secor_workflow.domain.context import Role
from secor_workflow.domain.values import AccountNumber
from secor_workflow.providers import Provider

LONGEST_SUBJECT = 255
_ACCOUNT = TypeAdapter(AccountNumber)


class BadTokenError(Exception):
    """The token opens nothing: `why` is a word for the record, the message a sentence for its bearer."""

    def __init__(self, why: str, detail: str, code: str = "token_invalid") -> None:
        super().__init__(detail)
        self.why, self.code = why, code


class ProviderAwayError(Exception):
    """The provider's keys cannot be had, and none are known that may still be used."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A token's bearer, as the provider knows it."""

    subject: str
    role: Role
    account: str | None
    email_digest: str | None = None
    """Of the address that the provider says it has verified."""


def claimed(claims: dict[str, Any], provider: Provider) -> Claimed:
    """The bearer of a token whose signature was found good. Raises BadTokenError if it is nobody for us."""
    if claims.get("typ", "Bearer") != "Bearer":  # Keycloak says so in the claims
        raise BadTokenError("type", "This kind of token does not open anything; send an access token.")
    subject = _at(claims, provider.actor_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadTokenError("no_subject", f"The token's `{'.'.join(provider.actor_claim)}` does not say who you are.")
    held = _at(claims, provider.roles_claim)
    held = [held] if isinstance(held, str) else held if isinstance(held, list) else []
    role = next((role for name, role in provider.roles.items() if name in held), None)
    if role is None:
        raise BadTokenError(
            "no_role", f"The token's `{'.'.join(provider.roles_claim)}` names none of this service's roles."
        )
    account = _account(claims, provider) if role is Role.EMPLOYER else None
    return Claimed(subject, role, account, _verified_email(claims))


def _verified_email(claims: dict[str, Any]) -> str | None:
    """An address that nobody verified could be anybody's."""
    email = claims.get("email")
    verified = claims.get("email_verified") is True and isinstance(email, str) and "@" in email
    return digest_of(email) if verified and isinstance(email, str) else None


def _account(claims: dict[str, Any], provider: Provider) -> str:
    found = _at(claims, provider.account_claim)
    if isinstance(found, list) and len(found) == 1:  # Entra gives directory extensions as lists
        found = found[0]
    try:
        return _ACCOUNT.validate_python(found, strict=True)
    except ValidationError:
        raise BadTokenError(
            "no_account", f"An employer's token names one WorkSafeBC account in `{'.'.join(provider.account_claim)}`."
        ) from None


def _at(claims: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 (any JSON)
    for step in path:
        claims = claims.get(step) if isinstance(claims, dict) else None
    return claims
