"""Where somebody stands in a case's history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from secor_workflow.domain.case import Case
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import evolve


@dataclass(frozen=True, slots=True)
class Mention:
    """An event that names somebody, and as what: `contact_id`, `auditor_id`, ..."""

    event: Event
    names: tuple[str, ...]


def mentions(events: Iterable[Event], person_id: UUID) -> Iterator[Mention]:
    """Every event in which somebody stands, oldest first."""
    for event in events:
        fact = event.fact
        if names := tuple(field.name for field in fields(fact) if getattr(fact, field.name) == person_id):
            yield Mention(event, names)


def last_needed(case_id: UUID, events: Iterable[Event], person_id: UUID) -> date | None:
    """The last day on which the case had to do with somebody; None as long as it still has.

    It has with its contact, its champion, and whoever performed the audit that it rests on.
    """
    case, last = Case(case_id=case_id), None
    for event in events:
        had_to_do = _has_to_do(case, person_id)
        case = evolve(case, event)
        if had_to_do or _has_to_do(case, person_id) or any(mentions((event,), person_id)):
            last = event.effective_on
    return None if _has_to_do(case, person_id) else last


def _has_to_do(case: Case, person_id: UUID) -> bool:
    return bool(case.roles_of(person_id)) or (case.audit is not None and case.audit.auditor_id == person_id)
