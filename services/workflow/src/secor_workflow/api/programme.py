"""The programme as data: the machine, the policy, the schemas, and what every problem code means."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field, TypeAdapter

from secor_workflow.api.access import AnyCaller, bearer
from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.commands import body_of
from secor_workflow.api.permissions import public
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Parameters
from secor_workflow.api.rooms import InRooms
from secor_workflow.domain.events import FACTS
from secor_workflow.domain.policy import (
    CalendarRules,
    ClassificationUnit,
    Course,
    DocumentKind,
    DocumentRules,
    Element,
    FourEyes,
    MediaType,
    Numbers,
    Parameter,
    PeopleRules,
    Rule,
    Term,
)
from secor_workflow.domain.roads import BY_WISH, COMMANDS, STATES
from secor_workflow.domain.story import diagram
from secor_workflow.domain.values import Day
from secor_workflow.log.envelope import schema_of

router = APIRouter(tags=["programme"], dependencies=[Depends(bearer)])
open_router = APIRouter(
    tags=["programme"],
    dependencies=[Depends(public("A problem's `type` and an event's `dataschema` lead here; the same for everybody."))],
)


class GuardView(BaseModel):
    name: str
    code: str
    says: str


class TransitionView(BaseModel):
    command: str
    source: str | None = Field(description="The state it leaves; null for registration.")
    target: str
    inside: bool = Field(description="Whether the state stays as it is.")
    roles: list[str]
    guards: list[str]
    events: list[str]


class MachineView(BaseModel):
    states: list[str]
    commands: list[str]
    transitions: list[TransitionView]
    guards: list[GuardView]
    diagram: str = Field(description="Mermaid.")


class PolicyParameters(Parameters):
    on: Day | None = Field(default=None, description="The edition in force on this date; today if not given.")


class PolicyView(BaseModel):
    """The numbers in force, each with its source (`own`: to be confirmed by go2HR)."""

    version: str
    effective_from: str
    audit_tool_version: Parameter[str]
    numbers: Numbers
    calendar: CalendarRules
    deadlines: dict[str, Term]
    rules: dict[str, Rule]
    elements: list[Element]
    courses: list[Course]
    classification_units: list[ClassificationUnit]
    document_kinds: list[DocumentKind]
    documents: DocumentRules
    media_types: list[MediaType]
    people: PeopleRules
    four_eyes: FourEyes


@router.get("/v1/machine", operation_id="read_machine", summary="The state machine, as data and as a diagram")
async def read_machine(_actor: AnyCaller) -> MachineView:
    """Every state, transition, role and guard, and a Mermaid diagram of the roads between states."""
    guards = {guard.__name__: guard for command in COMMANDS.values() for guard in command.guards}
    return MachineView(
        states=list(STATES),
        commands=[command.slug for command in COMMANDS.values()],
        transitions=[
            TransitionView(
                command=command.slug,
                source=road.source if road.source in STATES else None,
                target=road.target,
                inside=road.inside,
                roles=[role.value for role in command.roles],
                guards=[guard.__name__ for guard in road.guards],
                events=[fact.__name__ for fact in command.facts],
            )
            for command in COMMANDS.values()
            for road in command.roads
        ],
        guards=[
            GuardView(name=name, code=guard.code, says=guard.__doc__ or "Only the roles of the command may.")
            for name, guard in guards.items()
        ],
        diagram=diagram(),
    )


@router.get("/v1/policy", operation_id="read_policy", summary="The programme's numbers and lists, with sources")
async def read_policy(_actor: AnyCaller, rooms: InRooms, ask: Annotated[PolicyParameters, Query()]) -> PolicyView:
    """The edition in force on a date: numbers, deadlines, elements, courses, classification units, documents."""
    policy = rooms.policies.on(ask.on or rooms.clock.local_day(rooms.clock.now()))
    return PolicyView(
        version=policy.version,
        effective_from=policy.version,
        audit_tool_version=policy.audit_tool_version,
        numbers=policy.numbers,
        calendar=policy.calendar,
        deadlines=policy.deadlines,
        rules=policy.rules,
        elements=list(policy.elements),
        courses=list(policy.courses),
        classification_units=list(policy.classification_units.units),
        document_kinds=list(policy.document_kinds),
        documents=policy.documents,
        media_types=list(policy.media_types),
        people=policy.people,
        four_eyes=policy.four_eyes,
    )


class ProblemCodeView(BaseModel):
    code: str
    status: int
    title: str
    explanation: str


@open_router.get("/problems/{code}", operation_id="explain_problem", summary="What a problem code means")
async def explain_problem(
    code: Annotated[str, Path(description="The `code` of a problem.", examples=["not_now"])],
) -> ProblemCodeView:
    """What the `type` of a problem leads to: its status, its meaning, and what to do. Needs no key."""
    entry = CATALOGUE.get(code)
    if entry is None:
        raise Problem("not_found", "There is no such problem code.")
    return ProblemCodeView(code=code, status=entry.status, title=entry.title, explanation=entry.explanation)


@open_router.get("/schemas/{name}.json", operation_id="read_schema", summary="The JSON Schema of an event or a command")
async def read_schema(
    name: Annotated[str, Path(description="Of an event or a command.", examples=["NoticeFiled.v1"])],
) -> dict[str, Any]:
    """`NoticeFiled.v1` is an event's, as its `dataschema` says; `FileNotice` a command's body. Needs no key."""
    fact = name.removesuffix(".v1")
    if name.endswith(".v1") and fact in FACTS:
        return schema_of(fact)
    command = next((command for wish, command in BY_WISH.items() if wish.__name__ == name), None)
    if command is None:
        raise Problem("not_found", "There is no such schema; GET /v1/machine names events and commands.")
    return TypeAdapter(body_of(command)).json_schema()
