"""A case as the workflow shows it now: asked for when a letter is about to go out, never kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from secor_notifier.domain.event import Deadline
from secor_notifier.domain.watch import Watch, Watched


@dataclass(frozen=True)
class Employer:
    legal_name: str
    worksafebc_account: str
    trade_name: str | None = None


@dataclass(frozen=True)
class Champion:
    person_id: str
    qualified_until: date | None = None


@dataclass(frozen=True)
class Notice:
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Note:
    note_id: str
    element: str | None = None
    answered: bool = False


@dataclass(frozen=True)
class Audit:
    round: int = 1
    submitted_on: date | None = None
    late: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Certificate:
    number: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "CAD"


@dataclass(frozen=True)
class CaseNow:
    """What letters say of a case, and what is checked before one is sent."""

    case_id: str
    state: str
    employer: Employer
    contact_id: str | None = None
    champion: Champion | None = None
    notice: Notice | None = None
    audit: Audit | None = None
    certificate: Certificate | None = None
    incentive_estimate: Money | None = None
    hold: Mapping[str, object] | None = None
    deadlines: tuple[Deadline, ...] = field(default=())

    def deadline(self, name: str) -> Deadline | None:
        return next((deadline for deadline in self.deadlines if deadline.name == name), None)

    def watched(self, kept: Watch | None = None) -> Watch:
        """The same case with a notifier's eyes, so that one rule judges the kept watch and the live case.

        The case does not say since when a deadline stands as it does; a kept watch that agrees on the date does.
        """
        return Watch(
            case_id=self.case_id,
            state=self.state,
            deadlines=tuple(_watched(one, kept) for one in self.deadlines),
            contact_id=self.contact_id,
            champion_id=self.champion.person_id if self.champion else None,
            held=self.hold is not None,
            erased=kept.erased if kept else (),
        )


def _watched(deadline: Deadline, kept: Watch | None) -> Watched:
    before = kept.deadline(deadline.name) if kept else None
    if before is None or before.due_on != deadline.due_on:
        return Watched(deadline.name, deadline.due_on, deadline.owner, deadline.missed)
    return replace(before, owner=deadline.owner, missed=deadline.missed)
