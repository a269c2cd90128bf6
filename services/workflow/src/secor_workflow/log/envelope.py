"""An event as text: the CloudEvent that is stored verbatim and given out unparsed."""

from datetime import date, datetime
from functools import cache
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, SchemaSerializer, SchemaValidator, to_json

from secor_workflow.domain.events import FACTS, Event, Fact
from secor_workflow.domain.values import Deadline
from secor_workflow.log.upcasting import UPCASTERS, NewerEventError, raised, version_of

F = TypeVar("F", bound=Fact)

TYPE_PREFIX = "ca.go2hr.secor."
SOURCE = "/secor/workflow"


class Data(BaseModel, Generic[F]):
    """What happened, and the case's state and deadlines as they stood after it."""

    effective_on: date = Field(description="The local date on which it was true.")
    state: str = Field(description="The case's state after the event.")
    fact: F
    deadlines: tuple[Deadline, ...] = Field(description="Every deadline of the case as it stood after the event.")


class CloudEvent(BaseModel, Generic[F]):
    """CloudEvents 1.0, with extension attributes that place the event in the log and in its case."""

    position: int | None = Field(default=None, description="Place in the log, with no gap; null in a dry run.")
    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str = SOURCE
    type: str
    subject: UUID = Field(description="The case.")
    time: datetime = Field(description="When it was recorded, UTC.")
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    caseversion: int = Field(description="1, 2, 3 … within the case.")
    commandid: UUID
    actor: str
    actorrole: str
    policyversion: str
    data: Data[F]

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema of one fact's event says of which type it is: two facts may have the same fields."""
        schema = handler.resolve_ref_schema(handler(core))
        for fact in set(cls.__pydantic_generic_metadata__["args"]) & set(FACTS.values()):
            schema["properties"]["type"]["const"] = full_type(fact.__name__)
            schema["properties"]["dataschema"]["const"] = schema_path(fact)
        return schema


def full_type(name: str) -> str:
    """`NoticeFiled` as the feed names it."""
    return f"{TYPE_PREFIX}{name}.v{FACTS[name].schema_version}"


def schema_path(fact: type[Fact]) -> str:
    """Where the service gives the schema of a fact's event."""
    return f"/schemas/{fact.__name__}.v{fact.schema_version}.json"


def short_type(type_: str) -> str:
    """The feed's name of a type, or the plain one, as the plain one. Raises KeyError if there is no such event."""
    name = type_.removeprefix(TYPE_PREFIX).removesuffix(".v1")
    return FACTS[name].__name__


@cache
def model_of(name: str) -> type[CloudEvent[Any]]:
    """The CloudEvent of one fact."""
    model: type[CloudEvent[Any]] = CloudEvent.__class_getitem__(FACTS[name])  # type: ignore[assignment]  # Pydantic makes a model of it
    return model


def any_event() -> type[CloudEvent[Fact]]:
    """The CloudEvent of whichever fact, those of later versions included."""
    return CloudEvent[Fact]


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one event, to which its `dataschema` leads."""
    schema: dict[str, Any] = opened(model_of(name).model_json_schema(mode="serialization"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def opened(schema: Any) -> Any:  # noqa: ANN401 (any part of a schema)
    """A schema for readers. Its models refuse unknown fields where they come in; what goes out may gain some."""
    if isinstance(schema, dict):
        return {key: opened(part) for key, part in schema.items() if (key, part) != ("additionalProperties", False)}
    return [opened(part) for part in schema] if isinstance(schema, list) else schema


def write(event: Event) -> str:
    """The event's text without its position, which only the append knows; `placed` puts it in.

    Put together from its parts, in the order and words of the model above; making one would cost three times as much.
    """
    (origin, form), serializer = _words(event.type)
    fact, deadlines = serializer.to_json(event.fact), _DEADLINES.to_json(event.deadlines)
    return (
        f'{{"specversion":"1.0","id":"{event.event_id}",{origin},'
        f'"subject":"{event.case_id}","time":"{event.recorded_at.isoformat().replace("+00:00", "Z")}",'
        f'{form},"caseversion":{event.version},'
        f'"commandid":"{event.command_id}","actor":{to_json(event.actor).decode()},"actorrole":"{event.actor_role}",'
        f'"policyversion":"{event.policy_version}","data":{{"effective_on":"{event.effective_on}",'
        f'"state":"{event.state}","fact":{fact.decode()},"deadlines":{deadlines.decode()}}}}}'
    )


@cache
def _words(name: str) -> tuple[tuple[str, str], SchemaSerializer]:
    """What every event of a fact says in the same words, and what writes the fact itself."""
    kind = FACTS[name]
    origin = f'"source":"{SOURCE}","type":"{full_type(name)}"'
    form = f'"datacontenttype":"application/json","dataschema":"{schema_path(kind)}"'
    return (origin, form), _serializer(kind)


def _serializer(part: Any) -> SchemaSerializer:  # noqa: ANN401 (whatever a model may have as a field)
    made = TypeAdapter(part).serializer
    assert isinstance(made, SchemaSerializer)  # noqa: S101 (it is another's where a plugin of Pydantic stands between)
    return made


_DEADLINES = _serializer(tuple[Deadline, ...])


def placed(text: str, position: int | None) -> str:
    """The whole text of an event at its place in the log."""
    return f'{{"position":{"null" if position is None else position},{text[1:]}'


def _of_today(name: str, text: str) -> str:
    return raised(text, UPCASTERS[name]) if name in UPCASTERS else text


@cache
def _reader(name: str) -> tuple[SchemaValidator, str]:
    """What reads a fact's event, and its full type; to ask the model for either costs an eighth of reading it."""
    return model_of(name).__pydantic_validator__, full_type(name)  # type: ignore[return-value]  # another's where a plugin of Pydantic stands between


def envelope_of(name: str, text: str) -> CloudEvent[Any]:
    """The envelope that a text of the log is, looked through whole. Fields of later versions are passed over.

    Raises NewerEventError if a newer program wrote it, of a type or version that this one does not know.
    """
    if name not in FACTS:
        raise NewerEventError(name)
    reader, type_ = _reader(name)
    try:
        envelope: CloudEvent[Any] = reader.validate_json(_of_today(name, text), extra="ignore")
    except ValidationError:
        if version_of(text) > FACTS[name].schema_version:
            raise NewerEventError(name) from None
        raise
    if envelope.type != type_:
        raise NewerEventError(name)
    return envelope


def read(name: str, text: str) -> Event:
    """The event that a text of the log tells of. Raises NewerEventError, as `envelope_of`."""
    return event_of(envelope_of(name, text))


def event_of(envelope: CloudEvent[Any]) -> Event:
    """The event of an envelope that was looked through."""
    data = envelope.data
    return Event(
        position=envelope.position or 0,
        event_id=envelope.id,
        case_id=envelope.subject,
        version=envelope.caseversion,
        fact=data.fact,
        state=data.state,
        deadlines=data.deadlines,
        effective_on=data.effective_on,
        recorded_at=envelope.time,
        actor=envelope.actor,
        actor_role=envelope.actorrole,
        command_id=envelope.commandid,
        policy_version=envelope.policyversion,
    )
