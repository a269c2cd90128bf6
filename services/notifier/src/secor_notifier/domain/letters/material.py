"""All that a letter may speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from secor_notifier.domain.case import CaseNow, Employer
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters.language import SOURCE
from secor_notifier.domain.letters.words import on_one_line
from secor_notifier.domain.programme import Policy
from secor_notifier.domain.recipients import EMPLOYER_ROLES, Role
from secor_notifier.domain.rules import Programme
from secor_notifier.domain.watch import CLOSED, EMPLOYER

REFERENCE_LENGTH = 8


@dataclass(frozen=True)
class Addressee:
    """Who reads it; only people have names."""

    role: Role
    name: str | None = None

    @property
    def of_employer(self) -> bool:
        return self.role in EMPLOYER_ROLES


@dataclass(frozen=True)
class Desk:
    """Where go2HR is found; `case_url` leads to a case on the web, with {case_id} in it."""

    address: str
    phone: str | None = None
    case_url: str | None = None


@dataclass(frozen=True)
class Linked:
    """Documents that do not go with a letter: where they are, what they come to, and whether that is why."""

    url: str
    megabytes: int
    too_large: bool


@dataclass(frozen=True)
class Material:
    """The case now, the fact that called for the letter, and what is to be looked up for it.

    `way_out` is where its reader may ask for no more reminders.
    """

    case: CaseNow
    addressee: Addressee
    today: date
    programme: Programme
    policy: Policy
    desk: Desk
    locale: str = SOURCE
    deadline: Deadline | None = None
    fact: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str | None] = field(default_factory=dict)
    linked: Linked | None = None
    way_out: str | None = None

    @property
    def employer(self) -> Employer:
        """As registered, on one line."""
        employer = self.case.employer
        return replace(employer, legal_name=on_one_line(employer.legal_name))

    @property
    def reference(self) -> str:
        """The end of the case's id: short enough for the telephone, and different for cases of one day."""
        return self.case.case_id.replace("-", "")[-REFERENCE_LENGTH:].upper()

    @property
    def in_view(self) -> Deadline | None:
        """The deadline the letter is about; else, for the employer's people, the next one they owe."""
        if self.deadline or not self.addressee.of_employer or self.case.state == CLOSED:
            return self.deadline
        theirs = (one for one in self.case.deadlines if one.owner == EMPLOYER)
        return min(theirs, key=lambda one: one.due_on, default=None)

    def text(self, text_id: object) -> str | None:
        """A note's or reason's words on one line; nothing when they are no longer kept."""
        words = self.texts.get(text_id) if isinstance(text_id, str) else None
        return on_one_line(words) if words else None
