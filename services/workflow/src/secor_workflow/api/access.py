"""Who asks, and whether their role may: credentials become an actor."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from secor_workflow.api.problems import Problem
from secor_workflow.api.rooms import Rooms, rooms_of
from secor_workflow.clock import true_now
from secor_workflow.credentials.claims import BadTokenError
from secor_workflow.credentials.credential import Credential
from secor_workflow.credentials.signing_keys import ProviderAwayError
from secor_workflow.credentials.unknown import LookupsSpentError
from secor_workflow.domain.context import Actor, Role

bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="`Authorization: Bearer <API key>`")

SEES_CASES = tuple(role for role in Role if role is not Role.CLOCK)
SEES_FEED = tuple(role for role in SEES_CASES if role is not Role.EMPLOYER)
SEES_PEOPLE = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER, Role.ADMIN, Role.NOTIFIER)
SEES_DOCUMENTS = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER, Role.INTEGRATION, Role.ADMIN)
SEES_PACKAGE = (Role.STAFF, Role.QA_REVIEWER, Role.INTEGRATION, Role.ADMIN, Role.NOTIFIER)

SCORES_AUDITS = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER)


async def credential_of(request: Request) -> Credential:
    """The caller's credential. Raises 401 if there is none that opens anything, 429 if too much is asked."""
    rooms = rooms_of(request)
    try:
        credential = await _looked_at(request, rooms)
    except Problem as problem:
        if problem.status == 401:  # noqa: PLR2004 (Unauthorized)
            rooms.rates.fail(request)
        raise
    request.scope["actor"] = credential.actor
    rooms.rates.take(request, credential.actor.id)
    return credential


async def _looked_at(request: Request, rooms: Rooms) -> Credential:
    given = request.headers.getlist("authorization")
    scheme, _, secret = (given[0] if len(given) == 1 else "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        why = "twice" if len(given) > 1 else "missing"
        raise Problem("unauthenticated", "Send one credential: `Authorization: Bearer <key or token>`.", why=why)
    if rooms.tokens.may_be_one(secret):
        return await _of_token(secret, rooms)
    try:
        key = await rooms.keys.authenticate(secret, may_ask=not rooms.rates.has_failed_enough(request))
    except LookupsSpentError:
        busy = "Too many unknown keys are being tried; if this one is new, wait a moment."
        raise Problem("too_many_requests", busy, headers={"Retry-After": "2"}) from None
    if key is None:
        why, detail = rooms.keys.why_not(secret)
        raise Problem("unauthenticated", detail, why=why)
    return Credential(actor=key.actor, name=key.name, id=key.key_id)


async def _of_token(text: str, rooms: Rooms) -> Credential:
    try:
        return await rooms.tokens.authenticate(text)
    except BadTokenError as bad:
        raise Problem(bad.code, str(bad), why=bad.why) from None
    except ProviderAwayError:
        raise Problem("unavailable", "The provider of the token does not answer; try again.") from None


def still_opens(credential: Credential, rooms: Rooms) -> bool:
    """Whether it would be let in now; asked again and again while an answer goes on."""
    ends_at = credential.token_ends_at
    return rooms.keys.opens(credential.id) if ends_at is None else ends_at > true_now()


async def caller(credential: Annotated[Credential, Depends(credential_of)]) -> Actor:
    """Whoever has a valid credential."""
    return credential.actor


def only(*roles: Role) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency: the caller, if its role is one of these."""

    async def allowed(actor: Annotated[Actor, Depends(caller)]) -> Actor:
        if actor.role not in roles:
            raise Problem("forbidden", f"Only {' or '.join(roles)} may do this; you are {actor.role}.")
        return actor

    allowed.__dict__["roles"] = roles
    return allowed


Known = Annotated[Credential, Depends(credential_of)]
AnyCaller = Annotated[Actor, Depends(caller)]
CaseReader = Annotated[Actor, Depends(only(*SEES_CASES))]
FeedReader = Annotated[Actor, Depends(only(*SEES_FEED))]
PeopleReader = Annotated[Actor, Depends(only(*SEES_PEOPLE))]
DocumentReader = Annotated[Actor, Depends(only(*SEES_DOCUMENTS))]
ScorecardReader = Annotated[Actor, Depends(only(*SCORES_AUDITS))]
PackageReader = Annotated[Actor, Depends(only(*SEES_PACKAGE))]
Admin = Annotated[Actor, Depends(only(Role.ADMIN))]
