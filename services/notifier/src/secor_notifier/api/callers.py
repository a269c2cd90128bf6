"""Who may ask for what: the workflow says who is calling, this page says what each role may see."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from secor_notifier.api.permissions import EMPLOYER, READERS, SEE_ALL, Permission, Reach
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House, rooms
from secor_notifier.api.shapes import UUID
from secor_notifier.workflow import Caller, Unknown

SUBSCRIBERS = SEE_ALL | {"integration"}
CALENDAR_MAKERS = SUBSCRIBERS | {EMPLOYER}
REPORTERS = SEE_ALL | {"integration"}
CLOCKMAKERS = frozenset({"admin"})
LONGEST_CREDENTIAL = 8192
REALM = 'Bearer realm="secor"'
OF_TOKENS = frozenset({"token_expired", "token_invalid"})
"""What the workflow says of a credential and its bearer must hear; anything else is simply not one."""
A_UUID = re.compile(UUID)
# Only told in the OpenAPI document: the header itself is read below, and refused as a problem.
BEARER = HTTPBearer(
    auto_error=False, scheme_name="apiKey", description="`Authorization: Bearer <API key>`, a key of the workflow."
)


@dataclass(frozen=True)
class Known:
    """A caller, and the credential it came with."""

    caller: Caller
    credential: str


def only(roles: frozenset[str], reach: Reach = Reach.ALL) -> Callable[..., Awaitable[Known]]:
    """A dependency which lets these roles in, as far as it reaches."""

    async def let_in(request: Request) -> None:
        house = rooms(request)
        credential = _credential(request)
        caller = await house.identity.who(credential)
        if isinstance(caller, Unknown):
            raise _unauthenticated(caller.detail, caller.code if caller.code in OF_TOKENS else "unauthenticated")
        request.state.actor_id = caller.actor_id  # for the log
        if caller.role not in roles:
            raise Problem("forbidden", f"This is for {', '.join(sorted(roles))}; you are {caller.role}.")
        known = request.state.known = Known(caller, credential)
        if reach is Reach.CASE:
            await _sees_what_it_names(request, known, house)

    async def who_was_let_in(request: Request, _shown: Annotated[object, Security(BEARER)]) -> Known:
        known: Known = request.state.known  # the route saw to it before anything else of the request was read
        return known

    who_was_let_in.__dict__["permission"] = Permission(roles, reach, let_in)
    return who_was_let_in


async def _sees_what_it_names(request: Request, known: Known, house: House) -> None:
    """Every case that the request names, however often it does."""
    in_path = request.path_params.get("case_id")
    named = [in_path] if in_path else request.query_params.getlist("case_id")
    for case_id in named or (None,):
        await sees_case(known, house, case_id)


async def sees_case(known: Known, house: House, case_id: str | None) -> None:
    """An employer sees its own case, and must say which it is; everybody else sees all."""
    if known.caller.role == EMPLOYER and case_id is None:
        raise Problem("forbidden", "An employer must name its case with `case_id`.")
    if not await sees(known, house, case_id):
        raise Problem("not_found", "There is no such case, or it is not yours.")


async def sees(known: Known, house: House, case_id: str | None) -> bool:
    """Whether what is of this case, or of none, may be seen."""
    if known.caller.role != EMPLOYER:
        return True
    return bool(case_id and A_UUID.fullmatch(case_id)) and await house.identity.sees(known.credential, str(case_id))


def _credential(request: Request) -> str:
    given = request.headers.getlist("Authorization")
    scheme, _, credential = (given[0] if len(given) == 1 else "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        detail = "Send one credential: `Authorization: Bearer <key>`."
        raise Problem("unauthenticated", detail, headers={"WWW-Authenticate": REALM})
    if len(credential) > LONGEST_CREDENTIAL or not (credential.isascii() and credential.isprintable()):
        raise _unauthenticated("This is no credential.")
    return credential


def _unauthenticated(detail: str, code: str = "unauthenticated") -> Problem:
    return Problem(code, detail, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


Reader = Annotated[Known, Depends(only(READERS | {EMPLOYER}))]
CaseReader = Annotated[Known, Depends(only(READERS | {EMPLOYER}, Reach.CASE))]
ReaderOfIts = Annotated[Known, Depends(only(READERS | {EMPLOYER}, Reach.OF_A_CASE))]
StaffReader = Annotated[Known, Depends(only(READERS))]
Editor = Annotated[Known, Depends(only(SEE_ALL))]
Reporter = Annotated[Known, Depends(only(REPORTERS))]
Previewer = Annotated[Known, Depends(only(SEE_ALL))]
Subscriber = Annotated[Known, Depends(only(SUBSCRIBERS))]
SubscriberToIts = Annotated[Known, Depends(only(SUBSCRIBERS, Reach.MADE))]
SubscribersList = Annotated[Known, Depends(only(SUBSCRIBERS, Reach.LIST_OF_MADE))]
CalendarMaker = Annotated[Known, Depends(only(CALENDAR_MAKERS, Reach.OF_A_CASE))]
CalendarOwner = Annotated[Known, Depends(only(CALENDAR_MAKERS, Reach.MADE))]
CalendarsList = Annotated[Known, Depends(only(CALENDAR_MAKERS, Reach.LIST_OF_MADE))]
Clockmaker = Annotated[Known, Depends(only(CLOCKMAKERS))]
