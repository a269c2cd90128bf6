"""What comes to the handler and what goes back: a wish and all that came with it, an answer, and the ways to say no."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import from_json, to_json

from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.events import Event
from secor_workflow.domain.refusal import Refused
from secor_workflow.domain.roads import BY_WISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A wish and all that came with it."""

    actor: Actor
    wish: Wish
    body: bytes = b""
    """The request's own bytes, to tell a retry from another wish."""
    idempotency_key: str | None = None
    if_match: int | None = None
    dry_run: bool = False

    @property
    def digest(self) -> str:
        return self._digest_of(self.body)

    def was(self, digest: str) -> bool:
        """Whether a request that was recorded is this one; a line of a batch has no spaces between its values."""
        if digest == self.digest:
            return True
        try:
            as_in_a_line = to_json(from_json(self.body))
        except ValueError:  # nothing at all, or a document's
            return False
        return digest == self._digest_of(as_in_a_line)

    def _digest_of(self, body: bytes) -> str:
        return hashlib.sha256(BY_WISH[type(self.wish)].slug.encode() + b"\n" + body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The event as its text stands in the log, and the case after it."""

    text: str
    case: Case
    asked_at: datetime
    replayed: bool = False
    ctx: Context | None = field(default=None, compare=False)
    """What the decision knew, if that is all that may be known without looking anything up."""


class UnknownCase(Exception):  # noqa: N818 (an answer, not a fault)
    """There is no such case, or not for this caller."""


class KeyReused(Exception):  # noqa: N818 (an answer, not a fault)
    """The idempotency key was used for another command or body."""


class StillRunning(Exception):  # noqa: N818 (an answer, not a fault)
    """A request with the same idempotency key is being worked on, or the case is too busy."""


class CaseMovedOn(Exception):  # noqa: N818 (an answer, not a fault)
    """The case is not at the version that the caller expects."""

    def __init__(self, version: int, expected: int, since: list[Event]) -> None:
        super().__init__(f"the case is at version {version}")
        self.version, self.expected, self.since = version, expected, since


class RefusedNow(Exception):  # noqa: N818 (an answer, not a fault)
    """Guards refuse; the case as it stands tells the rest."""

    def __init__(self, refused: Refused, case: Case, ctx: Context) -> None:
        super().__init__(str(refused))
        self.refusals, self.case, self.ctx = refused.refusals, case, ctx


OUTCOMES: dict[type[Exception], str] = {
    UnknownCase: "unknown_case",
    KeyReused: "key_reused",
    StillRunning: "busy",
    CaseMovedOn: "stale",
}
"""How commands end that are neither accepted nor refused by a guard, as the metrics name it."""


def may_see(actor: Actor, case: Case) -> bool:
    """An employer sees the cases of its own WorkSafeBC account; everybody else sees all."""
    if case.employer is None:
        return False
    return actor.role is not Role.EMPLOYER or case.employer.worksafebc_account == actor.account
