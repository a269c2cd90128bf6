"""The commands: one route each, made in a loop from the machine."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import CaseReader, bearer, the_machine_lets
from secor_workflow.api.answers import as_problem, command_answer
from secor_workflow.api.erase_requests import ErasePersonRequest
from secor_workflow.api.permissions import Reach
from secor_workflow.api.problems import BlockerView, Problem
from secor_workflow.api.requests import Id, Parameters, idempotency_key, if_match, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.api.uploads import DocumentForm
from secor_workflow.asking import Ask, CaseMovedOn, KeyReused, RefusedNow, StillRunning, UnknownCase, may_see
from secor_workflow.domain.case import UNREGISTERED
from secor_workflow.domain.commands import AddDocument, ErasePerson, RegisterEmployer
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.decide import blockers
from secor_workflow.domain.roads import BY_SLUG, BY_WISH, COMMANDS, Command
from secor_workflow.log.archives import ArchivedCaseError
from secor_workflow.log.upcasting import NewerEventError

OPENING, UPLOAD, ERASURE = BY_WISH[RegisterEmployer], BY_WISH[AddDocument], BY_WISH[ErasePerson]
"""The commands that are sent elsewhere: one makes a case, one brings a file along, one goes to a person."""
HAVE_THEIR_OWN_ROUTE = (UPLOAD, ERASURE)
NOES = (UnknownCase, KeyReused, StillRunning, CaseMovedOn, RefusedNow, ArchivedCaseError, NewerEventError)


class CommandParameters(Parameters):
    dry_run: bool = Field(default=False, description="Same checks, same answer, nothing written.")


class CommandView(BaseModel):
    command: str
    summary: str
    available: bool
    blockers: list[BlockerView]
    roles: list[Role]
    events: list[str]
    href: str | None = Field(
        description="Where to POST it; null for the clock's own commands, and for `erase-person`, which is sent to "
        "`/v1/people/{person_id}:erase`."
    )
    schema_href: str = Field(description="The JSON Schema of its body; of `add-document`, of the form that brings it.")


class CommandsView(BaseModel):
    """What may be done now, by this caller, and what stands against the rest."""

    case_id: str
    state: str
    version: int
    items: list[CommandView]


def over_http(command: Command) -> bool:
    """Whether anybody can send it: the clock's own commands have no route."""
    return set(command.roles) != {Role.CLOCK}


def path_of(command: Command, case_id: object = "{case_id}") -> str:
    """Where it is sent."""
    if command is OPENING:
        return "/v1/cases"
    if command is ERASURE:
        return "/v1/people/{person_id}:erase"
    return f"/v1/cases/{case_id}/documents" if command is UPLOAD else f"/v1/cases/{case_id}/commands/{command.slug}"


def body_of(command: Command) -> type[BaseModel]:
    """What is sent: the wish itself, unless it brings a file along or the path says a part of it."""
    if command is ERASURE:
        return ErasePersonRequest
    return DocumentForm if command is UPLOAD else command.wish


def as_operation(command: Command, more: str = "") -> dict[str, Any]:
    """What the documentation says of a command's route."""
    return {
        "operation_id": command.name,
        "summary": command.summary.split("\n")[0],
        "description": describe(command) + more,
        "openapi_extra": {"x-command": command.name, "x-roles": [role.value for role in command.roles]},
    }


@cache
def command_router() -> APIRouter:
    """One operation for each command, with its own schema, summary and roles."""
    router = APIRouter(dependencies=[Depends(bearer)])
    for command in COMMANDS.values():
        if not over_http(command) or command in HAVE_THEIR_OWN_ROUTE:
            continue
        opens = command is OPENING
        router.add_api_route(
            path_of(command),
            _register(command) if opens else _endpoint(command),
            methods=["POST"],
            status_code=201 if opens else 200,
            name=command.name,
            tags=["cases"] if opens else ["commands"],
            **as_operation(command),
        )
    router.add_api_route("/v1/cases/{case_id}/commands/{command}", _unknown, methods=["POST"], include_in_schema=False)
    router.add_api_route(
        "/v1/cases/{case_id}/commands",
        list_commands,
        methods=["GET"],
        response_model=CommandsView,
        operation_id="list_commands",
        summary="What may I do now, and why not the rest",
        tags=["commands"],
    )
    return router


def describe(command: Command) -> str:
    """Where the command leads, who may, and what is checked, for a person."""
    lines = [command.summary, "", "| from | to |", "|---|---|"]
    lines += [f"| {_shown(road.source)} | {'(stays)' if road.inside else road.target} |" for road in command.roads]
    lines += ["", "Becomes: " + " or ".join(f"`{fact.__name__}`" for fact in command.facts), "", "Checked:"]
    lines += [f"- `{guard.code}`: {guard.__doc__ or 'the role may'}" for guard in command.guards]
    return "\n".join(lines)


def _shown(state: str) -> str:
    return "–" if state == UNREGISTERED else state


def _endpoint(command: Command) -> Callable[..., Awaitable[Response]]:
    async def endpoint(
        request: Request,
        case_id: Id,
        actor: Annotated[Actor, Depends(the_machine_lets(*command.roles))],
        rooms: InRooms,
        parameters: Annotated[CommandParameters, Query()],
    ) -> Response:
        return await sent(request, case_id, command, actor, rooms, parameters)

    return endpoint


def _register(command: Command) -> Callable[..., Awaitable[Response]]:
    async def endpoint(
        request: Request,
        actor: Annotated[Actor, Depends(the_machine_lets(*command.roles, reach=Reach.OWN_ACCOUNT))],
        rooms: InRooms,
        parameters: Annotated[CommandParameters, Query()],
    ) -> Response:
        return await sent(request, None, command, actor, rooms, parameters)

    return endpoint


async def sent(  # noqa: PLR0913 (a request's own parts)
    request: Request,
    case_id: str | None,
    command: Command,
    actor: Actor,
    rooms: InRooms,
    parameters: CommandParameters,
) -> Response:
    """The answer to a command that was sent by somebody who may come in. Raises a Problem."""
    wish, body = await parse(request, command.wish)
    ask = Ask(
        actor=actor,
        wish=wish,
        body=body,
        idempotency_key=idempotency_key(request),
        if_match=if_match(request),
        dry_run=parameters.dry_run,
    )
    try:
        answer = await rooms.handler.handle(None if case_id is None else uuid_of(case_id), ask)
    except NOES as error:
        raise as_problem(error) from error
    created = case_id is None and not parameters.dry_run
    ctx = answer.ctx or rooms.circumstances.context(actor, answer.asked_at)
    return command_answer(answer, ctx, 201 if created else 200)


async def _unknown(
    case_id: str,  # noqa: ARG001 (the path's)
    command: str,
    _actor: Annotated[Actor, Depends(the_machine_lets())],
) -> Response:
    raise elsewhere(command)


def elsewhere(command: str) -> Problem:
    """Why a command that has no route like the others is not sent there."""
    known = BY_SLUG.get(command)
    if known is UPLOAD:
        return Problem("not_found", f"A document is handed in at {path_of(UPLOAD)}, as a form or as bytes.")
    if known is ERASURE:
        return Problem("not_found", f"A person is erased at {path_of(ERASURE)}.")
    if known is not None and not over_http(known):
        return Problem("role_not_allowed", f"Only the system's own clock sends {command}.")
    return Problem("not_found", f"There is no command {command}; GET /v1/machine lists them.")


async def list_commands(case_id: Id, actor: CaseReader, rooms: InRooms) -> CommandsView:
    """Every command with what stands against it now, as far as can be said before its fields are known."""
    case = await rooms.log.case(uuid_of(case_id))
    if not may_see(actor, case):
        raise not_found()
    ctx = rooms.circumstances.context(actor, known_as=await rooms.circumstances.known_as(case))
    items: list[CommandView] = []
    for command in COMMANDS.values():
        if command is OPENING:
            continue
        against = blockers(command, case, ctx)
        items.append(
            CommandView(
                command=command.slug,
                summary=command.summary,
                available=not against,
                blockers=[BlockerView.model_validate(refusal, from_attributes=True) for refusal in against],
                roles=list(command.roles),
                events=[fact.__name__ for fact in command.facts],
                href=path_of(command, case.case_id) if over_http(command) and command is not ERASURE else None,
                schema_href=f"/schemas/{command.wish.__name__}.json",
            )
        )
    return CommandsView(case_id=str(case.case_id), state=case.state, version=case.version, items=items)
