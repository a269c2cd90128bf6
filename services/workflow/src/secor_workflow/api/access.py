"""Who asks, and whether their role may: credentials become an actor."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from secor_workflow.api.permissions import OF_A_CASE, ROLES, Permission, Reach
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import each_once, given_as, not_found, uuid_of
from secor_workflow.api.rooms import Rooms, rooms_of
from secor_workflow.clock import true_now
from secor_workflow.credentials.claims import BadTokenError, ProviderAwayError
from secor_workflow.credentials.credential import Credential
from secor_workflow.credentials.unknown import LookupsSpentError
from secor_workflow.domain.context import Actor, Role

bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="`Authorization: Bearer <API key>`")

SEES_FEED = tuple(role for role in ROLES if role is not Role.EMPLOYER)
SEES_PEOPLE = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER, Role.ADMIN, Role.NOTIFIER)
SEES_DOCUMENTS = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER, Role.INTEGRATION, Role.ADMIN)
SEES_PACKAGE = (Role.STAFF, Role.QA_REVIEWER, Role.INTEGRATION, Role.ADMIN, Role.NOTIFIER)

SCORES_AUDITS = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER)


async def credential_of(request: Request) -> Credential:
    """The caller's credential. Raises 401 if there is none that opens anything, 429 if too much is asked.

    Whoever needs it may ask again: it is looked at and counted once for a request.
    """
    if (known := request.scope.get("credential")) is not None:
        return cast("Credential", known)
    rooms = rooms_of(request)
    try:
        credential = await _looked_at(request, rooms)
    except Problem as problem:
        if problem.status == 401:  # noqa: PLR2004 (Unauthorized)
            rooms.rates.fail(request)
        raise
    request.scope["actor"] = credential.actor
    request.scope["lasts"] = partial(still_opens, credential, rooms)
    request.scope["credential"] = credential
    rooms.rates.take(request, credential.actor.id)
    await each_once(request)
    return credential


async def _looked_at(request: Request, rooms: Rooms) -> Credential:
    given = given_as(request, "authorization")
    scheme, _, secret = (given[0] if len(given) == 1 else "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        why = "twice" if len(given) > 1 else "missing"
        raise Problem("unauthenticated", "Send one credential: `Authorization: Bearer <key or token>`.", why=why)
    if rooms.tokens.may_be_one(secret):
        return await _of_token(secret, rooms)
    try:
        key = await rooms.keys.authenticate(secret, may_ask=lambda: not rooms.rates.has_failed_enough(request))
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


def only(*roles: Role, reach: Reach = Reach.ALL) -> Callable[..., Awaitable[Actor]]:
    """A dependency: the caller, if its role is one of these and what it asks for is within its reach."""

    async def allowed(request: Request) -> Actor:
        actor = (await credential_of(request)).actor
        if actor.role not in roles:
            raise Problem("forbidden", f"Only {' or '.join(roles)} may do this; you are {actor.role}.")
        if reach is Reach.OWN_CASE:
            await _own_alone(request, actor, rooms_of(request))
        return actor

    allowed.__dict__["permission"] = Permission(roles, reach)
    return allowed


def the_machine_lets(*roles: Role, reach: Reach = Reach.OWN_CASE) -> Callable[..., Awaitable[Actor]]:
    """As above, but that the machine itself refuses other roles, and puts it on record with what else refuses."""

    async def allowed(request: Request) -> Actor:
        actor = (await credential_of(request)).actor
        if reach is Reach.OWN_CASE:
            await _own_alone(request, actor, rooms_of(request))
        return actor

    allowed.__dict__["permission"] = Permission(roles, reach, by_the_machine=True)
    return allowed


async def _own_alone(request: Request, actor: Actor, rooms: Rooms) -> None:
    """Raises 404, as if it did not exist, for what an employer may not see."""
    if actor.role is not Role.EMPLOYER:
        return
    for name, what in OF_A_CASE.items():
        if name in request.path_params:
            case_id = await _case_of(name, uuid_of(request.path_params[name]), rooms)
            if case_id is None or await rooms.log.account_of(case_id) != actor.account:
                raise not_found(what)


async def _case_of(name: str, id_: UUID, rooms: Rooms) -> UUID | None:
    if name == "case_id":
        return id_
    found = await (rooms.people.person(id_) if name == "person_id" else rooms.people.text(id_))
    return found.case_id if found else None


Known = Annotated[Credential, Depends(credential_of)]
AnyCaller = Annotated[Actor, Depends(only(*ROLES))]
CaseReader = Annotated[Actor, Depends(only(*ROLES, reach=Reach.OWN_CASE))]
CaseFinder = Annotated[Actor, Depends(only(*ROLES, reach=Reach.OWN_CASES))]
FeedReader = Annotated[Actor, Depends(only(*SEES_FEED))]
PeopleReader = Annotated[Actor, Depends(only(*SEES_PEOPLE, reach=Reach.OWN_CASE))]
DocumentReader = Annotated[Actor, Depends(only(*SEES_DOCUMENTS, reach=Reach.OWN_CASE))]
ScorecardReader = Annotated[Actor, Depends(only(*SCORES_AUDITS, reach=Reach.OWN_CASE))]
PackageReader = Annotated[Actor, Depends(only(*SEES_PACKAGE))]
Admin = Annotated[Actor, Depends(only(Role.ADMIN))]
