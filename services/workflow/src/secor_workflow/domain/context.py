"""All that a decision may know besides the case and the wish: who asks, when, and under which policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from secor_workflow.domain.case import Case
from secor_workflow.domain.policy import Policies, Policy


class Role(StrEnum):
    EMPLOYER = "employer"
    STAFF = "staff"
    QA_REVIEWER = "qa_reviewer"
    INTEGRATION = "integration"
    READER = "reader"
    ADMIN = "admin"
    NOTIFIER = "notifier"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wishes. An employer is bound to one WorkSafeBC account."""

    id: str
    role: Role
    account: str | None = None


class Context(NamedTuple):
    """All that a decision may know besides the case and the wish; read once, at the edge."""

    now: datetime
    today: date
    actor: Actor
    policies: Policies
    open_case: UUID | None = None
    """Another open case for the account of the wish."""
    erased: frozenset[str] = frozenset()
    """Digests of this case's documents whose bytes were erased for good."""
    has_role: Callable[[str, Role], bool] = lambda _actor, _role: False
    is_known: Callable[[str], bool] = lambda _actor: True
    """Whether anybody ever acted, or may act, under an actor id."""
    same_person: Callable[[str], frozenset[str]] = lambda actor: frozenset({actor})
    """Every actor id of the person behind one of them, that one included."""
    known_as: Mapping[str, frozenset[str]] = MappingProxyType({})
    """The actor ids of the case's champions, by person id, where it is known that they act here too."""

    @property
    def policy(self) -> Policy:
        return self.policies.on(self.today)

    def is_same(self, who: str, actor: str) -> bool:
        """Whether an actor or champion of the case is the person behind this actor."""
        return not self.same_person(actor).isdisjoint({who} | self.known_as.get(who, frozenset()))

    def policy_of(self, case: Case) -> Policy:
        """The edition pinned by the case's notice, else today's."""
        return self.policies.version(case.notice.policy_version) if case.notice else self.policy
