"""Which letters there are: what each is for, who gets it when, its version, and the languages it can be read in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from secor_notifier.api.callers import Reader
from secor_notifier.api.documented import documented
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.rooms import House
from secor_notifier.api.shapes import Nothing
from secor_notifier.domain.letters import LetterTold, names, tell
from secor_notifier.domain.occasions import occasions
from secor_notifier.domain.rules import Audience, Rules

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/letters",
    tags=["letters"],
    responses=documented(401, 422, 503),
)


class OccasionShape(BaseModel):
    """A rule that calls for the letter."""

    kind: Literal["deadline", "event", "digest", "together", "webhook"]
    name: str = Field(description="The deadline, the event, or when.", examples=["audit_submission"])
    to: list[Audience] = Field(description="Who gets it then.")
    days: list[int] = Field(description="Days from the due date, before it negative; only for kind `deadline`.")


class LetterShape(BaseModel):
    """A letter that may go out."""

    letter: str = Field(examples=["deadline_reminder"])
    purpose: str
    to: list[Audience] = Field(description="All who may get it.")
    occasions: list[OccasionShape]
    version: str = Field(description="Another as soon as its words or its look are.", examples=["3f9c0a1b2d4e"])
    locales: list[str] = Field(description="The languages it can be read in.", examples=[["en-CA", "fr-CA"]])

    @classmethod
    def of(cls, told: LetterTold, rules: Rules) -> "LetterShape":
        found = occasions(rules, told.letter)
        return cls(
            letter=told.letter,
            purpose=told.purpose,
            to=sorted({audience for one in found for audience in one.to}),
            occasions=[OccasionShape(kind=one.kind, name=one.name, to=[*one.to], days=[*one.days]) for one in found],
            version=told.version,
            locales=[*told.locales],
        )


class Letters(BaseModel):
    """All of them, by name."""

    items: list[LetterShape]


@router.get("", operation_id="list_letters", summary="List the letters there are")
async def letters(_query: Annotated[Nothing, Query()], house: House, _known: Reader) -> Letters:
    """Every letter with its purpose, the rules that call for it, its version and its languages."""
    rules = house.correspondence.rules
    return Letters(items=[LetterShape.of(tell(name), rules) for name in sorted(names())])
