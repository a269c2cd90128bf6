"""What the notifier knows of one case: where it stands, what it owes, and who is to be told."""

from dataclasses import dataclass, replace
from datetime import date

from secor_notifier.domain.event import Deadline, Event

CLOSED = "Closed"
EMPLOYER = "employer"
STAFF = "staff"


@dataclass(frozen=True)
class Watched:
    """A deadline under watch; `moved_on` is the day on which it was last given another date, if ever."""

    name: str
    due_on: date
    owner: str
    missed: bool = False
    moved_on: date | None = None


@dataclass(frozen=True)
class Watch:
    """One case as its newest event left it."""

    case_id: str
    position: int = 0
    state: str = ""
    deadlines: tuple[Watched, ...] = ()
    contact_id: str | None = None
    champion_id: str | None = None
    held: bool = False

    @property
    def closed(self) -> bool:
        return self.state == CLOSED

    def deadline(self, name: str) -> Watched | None:
        return next((deadline for deadline in self.deadlines if deadline.name == name), None)


def evolve(watch: Watch, event: Event) -> Watch:
    """The watch after one more event; one of an unknown type is as good as any."""
    return replace(
        watch,
        position=event.position,
        state=event.state or watch.state,
        deadlines=tuple(
            _follow(watch.deadline(deadline.name), deadline, event.happened_on) for deadline in event.deadlines
        ),
        contact_id=event.told("contact_id") or watch.contact_id,
        champion_id=_champion(watch, event),
        held=_held(watch, event),
    )


def _follow(before: Watched | None, now: Deadline, on: date) -> Watched:
    moved_on = None
    if before is not None:
        moved_on = before.moved_on if before.due_on == now.due_on else on
    return Watched(now.name, now.due_on, now.owner, now.missed, moved_on)


def _champion(watch: Watch, event: Event) -> str | None:
    if event.type in {"ChampionNamed", "ChampionReplaced"}:
        return event.told("person_id") or watch.champion_id
    return watch.champion_id


def _held(watch: Watch, event: Event) -> bool:
    return {"CaseHeld": True, "CaseReleased": False}.get(event.type, watch.held)
