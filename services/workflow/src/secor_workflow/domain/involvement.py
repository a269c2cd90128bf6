"""Who had a hand in a case, and by which event: what separation of duties looks at."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from secor_workflow.domain import events as e

Part = Literal["champion", "submitter", "document", "adviser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRef:
    """An event of the log, as a refusal names it."""

    position: int
    type: str
    effective_on: date

    def __str__(self) -> str:
        return f"{self.type} of {self.effective_on}, position {self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Involvement:
    """What somebody did for the employer. `who` is an actor's id, or a champion's person id."""

    part: Part
    who: str
    event: EventRef
    document_id: UUID | None = None
    """Which document was handed in."""
    advised_on: date | None = None


def involved_after(before: tuple[Involvement, ...], event: e.Event, position: int) -> tuple[Involvement, ...]:
    """Everybody involved after one more event, at its position in the log.

    An audit for a new notice has submitters of its own.
    """
    match event.fact:
        case e.ChampionNamed(person_id=person_id) | e.ChampionReplaced(person_id=person_id):
            return (*before, Involvement(part="champion", who=str(person_id), event=_ref(event, position)))
        case e.DocumentAdded(document_id=document_id):
            return (
                *before,
                Involvement(part="document", who=event.actor, event=_ref(event, position), document_id=document_id),
            )
        case e.AuditResubmitted():
            return (*before, Involvement(part="submitter", who=event.actor, event=_ref(event, position)))
        case e.AuditSubmitted():
            others = tuple(one for one in before if one.part != "submitter")
            return (*others, Involvement(part="submitter", who=event.actor, event=_ref(event, position)))
        case e.AdviceRecorded(adviser=adviser, advised_on=advised_on):
            return (
                *before,
                Involvement(part="adviser", who=adviser, event=_ref(event, position), advised_on=advised_on),
            )
        case _:
            return before


def _ref(event: e.Event, position: int) -> EventRef:
    return EventRef(position=position, type=event.type, effective_on=event.effective_on)
