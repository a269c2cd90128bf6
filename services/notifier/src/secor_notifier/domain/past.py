"""What held when: which silences, who had opted out, and when the notifier was not awake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from secor_notifier.domain.circumstances import Circumstances, Silence


@dataclass(frozen=True)
class Absence:
    """From its last look until the next one the notifier saw nothing: it was stopped, or its clock leapt."""

    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Past:
    """As far as it is known: who has opted in again is not remembered as having been out."""

    silences: tuple[Silence, ...] = ()
    opted_out: Mapping[str, datetime] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()

    def told(self, at: datetime) -> Circumstances:
        """What people had asked for by then."""
        return Circumstances(
            tuple(one for one in self.silences if one.created_at <= at < one.until),
            frozenset(person for person, since in self.opted_out.items() if since <= at),
        )

    @cached_property
    def changes(self) -> tuple[datetime, ...]:
        """When it became something else."""
        silences = (at for one in self.silences for at in (one.created_at, one.until))
        return (*silences, *self.opted_out.values())

    def awake(self, at: datetime) -> datetime:
        """That instant, or the end of the absence into which it falls."""
        return next((one.ended_at for one in self.absences if one.began_at < at < one.ended_at), at)
