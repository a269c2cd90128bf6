"""What a wish says of people, kept beside the log so that it can be erased: persons, and text that may name them."""

from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar, cast, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, RootModel
from pydantic.config import JsonDict

from secor_workflow.domain.values import Email, Line, Phone, Prose

_PRIVATE = "__pydantic_private__"


class _Filed:
    """Something that stands in the log by its id alone."""

    _id: UUID | None

    @property
    def id(self) -> UUID:
        """Read past the model's own way to it, which costs ten times as much."""
        private: dict[str, UUID | None] = getattr(self, _PRIVATE)
        if (found := private["_id"]) is None:
            raise LookupError("the wish was not filed: call file_beside() before deciding")
        return found

    def file_as(self, id_: UUID) -> None:
        private: dict[str, UUID | None] = getattr(self, _PRIVATE)
        private["_id"] = id_


class Person(_Filed, BaseModel):
    """Someone of the employer's: name and how to reach them. Kept outside the log; the log holds the id."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    _id: UUID | None = PrivateAttr(default=None)
    EXAMPLE: ClassVar[JsonDict] = {"name": "Robin Marsh", "email": "robin@example.com"}

    name: Annotated[Line, Field(examples=["Robin Marsh"])]
    email: Email
    phone: Phone | None = None


class Text(_Filed, RootModel[Prose]):
    """Free text in which people may be named. Kept outside the log; the log holds the id."""

    model_config = ConfigDict(strict=True, frozen=True, json_schema_extra={"examples": ["The course was full."]})
    _id: UUID | None = PrivateAttr(default=None)


def beside(wish: object) -> Iterator[Person | Text]:
    """Everything in a wish that is kept beside the log."""
    if isinstance(wish, _Filed):
        yield cast("Person | Text", wish)
    elif isinstance(wish, tuple):
        for part in wish:
            yield from beside(part)
    else:
        for name in _telling(type(wish)):
            yield from beside(getattr(wish, name))


_TELLING: dict[type, tuple[str, ...]] = {}


def _telling(kind: type) -> tuple[str, ...]:
    """The fields of a model in which somebody or a text may stand, at whatever depth; looked for once."""
    if (known := _TELLING.get(kind)) is None:
        fields = kind.model_fields if issubclass(kind, BaseModel) else {}
        known = _TELLING[kind] = tuple(name for name, field in fields.items() if _may_tell(field.annotation))
    return known


def _may_tell(kind: object) -> bool:
    if isinstance(kind, type):
        return issubclass(kind, _Filed) or bool(_telling(kind))
    return any(map(_may_tell, get_args(kind)))


def file_beside(wish: object, known: Callable[[str], UUID | None], new_id: Callable[[], UUID]) -> None:
    """Give each person and text of a wish its id; someone known in this case by e-mail keeps the id they have."""
    for part in beside(wish):
        if isinstance(part, Person):
            part.file_as(known(part.email) or new_id())
        else:
            part.file_as(new_id())
