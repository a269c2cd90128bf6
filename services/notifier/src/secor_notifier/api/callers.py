"""Who may ask for what: the workflow says who is calling, this page says what each role may see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House
from secor_notifier.workflow import Caller

READERS = frozenset({"admin", "staff", "integration", "reader", "qa_reviewer", "notifier"})
PREVIEWERS = frozenset({"admin", "staff"})
SUBSCRIBERS = frozenset({"admin", "staff", "integration"})
CALENDAR_MAKERS = SUBSCRIBERS | {"employer"}
EDITORS = frozenset({"admin", "staff"})
REPORTERS = frozenset({"admin", "staff", "integration"})
CLOCKMAKERS = frozenset({"admin"})
EMPLOYER = frozenset({"employer"})
LONGEST_CREDENTIAL = 8192
# Only told in the OpenAPI document: the header itself is read below, and refused as a problem.
BEARER = HTTPBearer(
    auto_error=False, scheme_name="apiKey", description="`Authorization: Bearer <API key>`, a key of the workflow."
)


@dataclass(frozen=True)
class Known:
    """A caller, and the credential it came with."""

    caller: Caller
    credential: str


def only(roles: frozenset[str]) -> Callable[..., Awaitable[Known]]:
    """A dependency which lets these roles in."""

    async def known(request: Request, house: House, _shown: Annotated[object, Security(BEARER)]) -> Known:
        credential = _credential(request)
        caller = await house.identity.who(credential)
        if caller is None:
            raise _unauthorized("The workflow does not know this credential.")
        if caller.role not in roles:
            raise Problem("forbidden", f"This is for {', '.join(sorted(roles))}; you are {caller.role}.")
        return Known(caller, credential)

    known.__dict__["roles"] = roles
    return known


async def sees_case(known: Known, house: House, case_id: str | None) -> None:
    """An employer sees its own case, and must say which it is; everybody else sees all."""
    if known.caller.role != "employer":
        return
    if case_id is None:
        raise Problem("forbidden", "An employer must name its case with `case_id`.")
    if not await house.identity.sees(known.credential, case_id):
        raise Problem("not_found", "There is no such case, or it is not yours.")


def _credential(request: Request) -> str:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise _unauthorized("Send `Authorization: Bearer <key>`.")
    if len(credential) > LONGEST_CREDENTIAL or not (credential.isascii() and credential.isprintable()):
        raise _unauthorized("This is no credential.")
    return credential


def _unauthorized(detail: str) -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


Reader = Annotated[Known, Depends(only(READERS | EMPLOYER))]
StaffReader = Annotated[Known, Depends(only(READERS))]
Editor = Annotated[Known, Depends(only(EDITORS))]
Reporter = Annotated[Known, Depends(only(REPORTERS))]
Previewer = Annotated[Known, Depends(only(PREVIEWERS))]
Subscriber = Annotated[Known, Depends(only(SUBSCRIBERS))]
CalendarMaker = Annotated[Known, Depends(only(CALENDAR_MAKERS))]
Clockmaker = Annotated[Known, Depends(only(CLOCKMAKERS))]
