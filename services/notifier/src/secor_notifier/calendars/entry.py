"""A deadline as a calendar knows it: one event with one name for ever, which counts how often it was changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from secor_notifier.domain.event import Deadline, Event


@dataclass(frozen=True)
class Entry:
    """`sequence` grows with each change, so that calendar programs know which version is newer."""

    case_id: str
    deadline: str
    due_on: date
    owner: str
    sequence: int
    changed_at: datetime
    ended_at: datetime | None = None

    @property
    def uid(self) -> str:
        return uid(self.case_id, self.deadline)


def uid(case_id: str, deadline: str) -> str:
    """The same for every calendar and letter that shows this deadline."""
    return f"{case_id}.{deadline}@secor.go2hr.ca"


def follow(known: Mapping[str, Entry], event: Event) -> Iterator[Entry]:
    """The entries of one case which an event changes; `known` are those before it, by deadline."""
    for deadline in event.deadlines:
        before = known.get(deadline.name)
        if before is None:
            yield Entry(event.case_id, deadline.name, deadline.due_on, deadline.owner, 0, event.happened_at)
        elif before.ended_at is not None or _differs(before, deadline):
            yield replace(
                before,
                due_on=deadline.due_on,
                owner=deadline.owner,
                sequence=before.sequence + 1,
                changed_at=event.happened_at,
                ended_at=None,
            )
    standing = {deadline.name for deadline in event.deadlines}
    for entry in known.values():
        if entry.ended_at is None and entry.deadline not in standing:
            ended = event.happened_at
            yield replace(entry, sequence=entry.sequence + 1, changed_at=ended, ended_at=ended)


def _differs(before: Entry, now: Deadline) -> bool:
    return (before.due_on, before.owner) != (now.due_on, now.owner)
