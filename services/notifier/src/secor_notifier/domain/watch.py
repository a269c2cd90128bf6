"""What the notifier knows of one case: where it stands, what it owes, and who is to be told."""

from dataclasses import dataclass, replace
from datetime import date

from secor_notifier.domain.event import Deadline, Event

CLOSED = "Closed"
EMPLOYER = "employer"
STAFF = "staff"
ERASED = "PersonErased"


@dataclass(frozen=True)
class Watched:
    """A deadline under watch; it has stood as it does since a local day, and since the event at `revision`."""

    name: str
    due_on: date
    owner: str
    missed: bool = False
    since: date | None = None
    revision: int = 0


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
    erased: tuple[str, ...] = ()
    """People of the case who were erased: nothing can be sent to them any more."""

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
        deadlines=tuple(_follow(watch.deadline(deadline.name), deadline, event) for deadline in event.deadlines),
        contact_id=event.told("contact_id") or watch.contact_id,
        champion_id=_champion(watch, event),
        held=_held(watch, event),
        erased=_erased(watch, event),
    )


def _follow(before: Watched | None, now: Deadline, event: Event) -> Watched:
    if before is not None and before.due_on == now.due_on:
        return Watched(now.name, now.due_on, now.owner, now.missed, before.since, before.revision)
    return Watched(now.name, now.due_on, now.owner, now.missed, event.happened_on, event.position)


def _champion(watch: Watch, event: Event) -> str | None:
    if event.type in {"ChampionNamed", "ChampionReplaced"}:
        return event.told("person_id") or watch.champion_id
    return watch.champion_id


def _erased(watch: Watch, event: Event) -> tuple[str, ...]:
    person_id = event.told("person_id") if event.type == ERASED else None
    return (*watch.erased, person_id) if person_id and person_id not in watch.erased else watch.erased


def _held(watch: Watch, event: Event) -> bool:
    return {"CaseHeld": True, "CaseReleased": False}.get(event.type, watch.held)
