"""What people have asked of the notifier: silences over some letters, and who wants no reminders."""

from dataclasses import dataclass, replace
from datetime import datetime

from secor_notifier.domain.recipients import Recipient


@dataclass(frozen=True)
class Matcher:
    """Which reminders a silence covers: all that it names must fit."""

    case_id: str | None = None
    deadline: str | None = None
    letter: str | None = None
    recipient: str | None = None
    recipient_role: str | None = None

    def covers(self, case_id: str, deadline: str | None, letter: str, recipient: Recipient) -> bool:
        given = (self.case_id, self.deadline, self.letter, self.recipient, self.recipient_role)
        said = (case_id, deadline, letter, recipient.id, recipient.role.value)
        return all(mine is None or mine == theirs for mine, theirs in zip(given, said, strict=True))


@dataclass(frozen=True)
class Silence:
    """Until when somebody wants quiet, about what, and why."""

    silence_id: str
    matcher: Matcher
    until: datetime
    author: str
    comment: str
    created_at: datetime

    @property
    def reason(self) -> str:
        """Without the comment: that may name people."""
        return f"Silenced until {self.until:%Y-%m-%d %H:%M} UTC (silence {self.silence_id})."


@dataclass(frozen=True)
class Circumstances:
    """The silences in force, and the people who opted out of reminders."""

    silences: tuple[Silence, ...] = ()
    opted_out: frozenset[str] = frozenset()

    def silence(self, case_id: str, deadline: str | None, letter: str, recipient: Recipient) -> Silence | None:
        covering = (one for one in self.silences if one.matcher.covers(case_id, deadline, letter, recipient))
        return max(covering, key=lambda one: one.until, default=None)

    def from_then(self, at: datetime) -> "Circumstances":
        """What of it will still hold at that instant, if nobody asks for anything else."""
        return replace(self, silences=tuple(one for one in self.silences if one.until > at))


ORDINARY = Circumstances()
