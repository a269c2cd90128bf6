"""All that a letter may speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.programme import Policy
from secor_notifier.domain.recipients import EMPLOYER_ROLES, Role
from secor_notifier.domain.rules import Programme
from secor_notifier.domain.watch import EMPLOYER


@dataclass(frozen=True)
class Addressee:
    """Who reads it; only people have names."""

    role: Role
    name: str | None = None

    @property
    def of_employer(self) -> bool:
        return self.role in EMPLOYER_ROLES


@dataclass(frozen=True)
class Material:
    """The case now, the fact that called for the letter, and what is to be looked up for it."""

    case: CaseNow
    addressee: Addressee
    today: date
    programme: Programme
    policy: Policy
    staff_address: str
    deadline: Deadline | None = None
    fact: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def in_view(self) -> Deadline | None:
        """The deadline the letter is about; else, for the employer's people, the next one they owe."""
        if self.deadline or not self.addressee.of_employer:
            return self.deadline
        theirs = (one for one in self.case.deadlines if one.owner == EMPLOYER)
        return min(theirs, key=lambda one: one.due_on, default=None)

    @property
    def reason(self) -> str:
        """The reason which the fact points to, as a sentence of its own."""
        reason_id = self.fact.get("reason_id")
        return f"The reason given: {self.text(reason_id)}" if isinstance(reason_id, str) else ""

    def text(self, text_id: str) -> str:
        """A note's or reason's words on one line, or that they are gone."""
        return " ".join((self.texts.get(text_id) or "(This text is no longer kept.)").split())
