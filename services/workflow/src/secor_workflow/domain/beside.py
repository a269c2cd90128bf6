"""What a wish says of people, kept beside the log so that it can be erased: persons, and text that may name them."""

from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar
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
        self._id = id_


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
    if isinstance(wish, Person | Text):
        yield wish
    elif isinstance(wish, BaseModel):
        for name in type(wish).model_fields:
            yield from beside(getattr(wish, name))
    elif isinstance(wish, tuple):
        for part in wish:
            yield from beside(part)


def file_beside(wish: object, known: Callable[[str], UUID | None], new_id: Callable[[], UUID]) -> None:
    """Give each person and text of a wish its id; someone known in this case by e-mail keeps the id they have."""
    for part in beside(wish):
        if isinstance(part, Person):
            part.file_as(known(part.email) or new_id())
        else:
            part.file_as(new_id())
