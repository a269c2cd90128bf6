"""Who asks, and whether their role may: credentials become an actor."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from secor_workflow.api.problems import Problem
from secor_workflow.api.rooms import rooms_of
from secor_workflow.domain.context import Actor, Role
from secor_workflow.keys import Key

bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="`Authorization: Bearer <API key>`")

SEES_CASES = tuple(role for role in Role if role is not Role.CLOCK)
SEES_FEED = tuple(role for role in SEES_CASES if role is not Role.EMPLOYER)
SEES_PEOPLE = (Role.EMPLOYER, Role.STAFF, Role.QA_REVIEWER, Role.ADMIN, Role.NOTIFIER)
SEES_PACKAGE = (Role.STAFF, Role.QA_REVIEWER, Role.INTEGRATION, Role.ADMIN, Role.NOTIFIER)


async def key_of(request: Request) -> Key:
    """The caller's key. Raises 401 if there is none, or none that is valid."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem("unauthenticated", "Send a key: `Authorization: Bearer <key>`.")
    key = await rooms_of(request).keys.authenticate(secret.strip())
    if key is None:
        raise Problem("unauthenticated", "The key is unknown or was revoked.")
    return key


async def caller(key: Annotated[Key, Depends(key_of)]) -> Actor:
    """Whoever has a valid key."""
    return key.actor


def only(*roles: Role) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency: the caller, if its role is one of these."""

    async def allowed(actor: Annotated[Actor, Depends(caller)]) -> Actor:
        if actor.role not in roles:
            raise Problem("forbidden", f"Only {' or '.join(roles)} may do this; you are {actor.role}.")
        return actor

    allowed.__dict__["roles"] = roles
    return allowed


AnyCaller = Annotated[Actor, Depends(caller)]
CaseReader = Annotated[Actor, Depends(only(*SEES_CASES))]
FeedReader = Annotated[Actor, Depends(only(*SEES_FEED))]
PeopleReader = Annotated[Actor, Depends(only(*SEES_PEOPLE))]
PackageReader = Annotated[Actor, Depends(only(*SEES_PACKAGE))]
Admin = Annotated[Actor, Depends(only(Role.ADMIN))]
