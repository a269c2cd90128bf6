"""What other rules would have sent: each case lives its last days again, on paper, under both; nothing is sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from secor_notifier.domain.event import Event
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.past import Past
from secor_notifier.domain.reminders import Owed, by_channel, next_look, owed, timed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.skip import PASSING, Skip
from secor_notifier.domain.verdict import still_owed
from secor_notifier.domain.watch import Watch, evolve
from secor_notifier.zone import ZONE, local_date


@dataclass(frozen=True)
class Sent:
    """A letter that goes out on paper, and when."""

    decision: Owed
    at: datetime


@dataclass(frozen=True)
class Difference:
    """Of one case: what only the new rules would have sent, what only those in force did, and what at another time.

    `moved`: first as it was, then as it would have been.
    """

    case_id: str
    added: tuple[Sent, ...]
    removed: tuple[Sent, ...]
    moved: tuple[tuple[Sent, Sent], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved)


@dataclass(frozen=True)
class Window:
    """From when until when a case lives again, and what held meanwhile."""

    begins: datetime
    ends: datetime
    past: Past


def difference(case_id: str, events: Sequence[Event], now: Rules, then: Rules, window: Window) -> Difference:
    """Compared by who gets which letter about what: the rules may count its day otherwise."""
    before, after = (_sent(case_id, events, rules, window) for rules in (now, then))
    both = [(before[key], after[key]) for key in before if key in after]
    return Difference(
        case_id,
        tuple(one for key, one in after.items() if key not in before),
        tuple(one for key, one in before.items() if key not in after),
        tuple((as_it_was, as_it_would_be) for as_it_was, as_it_would_be in both if as_it_was.at != as_it_would_be.at),
    )


def _sent(case_id: str, events: Sequence[Event], rules: Rules, window: Window) -> Mapping[object, Sent]:
    life = _Life(rules, window, Watch(case_id), list(events))
    return {(one.decision.key, one.decision.letter): one for one in life.lived()}


@dataclass
class _Life:
    """One case under some rules, from moment to moment: what the ledger does with rows, done with a dictionary."""

    rules: Rules
    window: Window
    watch: Watch
    left: list[Event]
    decided: set[str] = field(default_factory=set)
    waiting: dict[str, tuple[Owed, datetime]] = field(default_factory=dict)

    def lived(self) -> Iterator[Sent]:
        moment: datetime | None = self.window.past.awake(self.window.begins)
        self._remember()
        while moment is not None and moment <= self.window.ends:
            self._read(moment)
            self._look(moment)
            yield from self._send(moment)
            moment = self._next(moment)

    def _remember(self) -> None:
        """What was before: the case as it stood, and what had been decided by then."""
        begins = self.window.begins
        while self.left and self.left[0].happened_at < begins:
            self.watch = evolve(self.watch, self.left.pop(0))
        today = local_date(begins)
        for one in owed(self.watch, self.rules, today, self.window.past.told(begins)):
            if one.owed_on < today and not _may_come_again(one.skip):
                self.decided.add(one.key)

    def _read(self, now: datetime) -> None:
        while self.left and self.left[0].happened_at <= now:
            event = self.left.pop(0)
            self.watch = evolve(self.watch, event)
            for letter in letters_for(event, self.watch, self.rules, now):
                self._decide(by_channel(letter, self.rules), now)

    def _look(self, now: datetime) -> None:
        self._decide(owed(self.watch, self.rules, local_date(now), self.window.past.told(now)), now)

    def _decide(self, found: Iterator[Owed] | Sequence[Owed], now: datetime) -> None:
        for one in found:
            if one.key in self.decided or one.key in self.waiting:
                continue
            if one.skip is None:
                moved = timed(one, self.rules, now).moved
                self.waiting[one.key] = (one, moved.to if moved else now)
            elif not _may_come_again(one.skip):
                self.decided.add(one.key)

    def _send(self, now: datetime) -> Iterator[Sent]:
        told = self.window.past.told(now)
        for key in [key for key, (_, at) in self.waiting.items() if at <= now]:
            one, _ = self.waiting.pop(key)
            if moved := timed(one, self.rules, now).moved:
                self.waiting[key] = (one, moved.to)
                continue
            skip = still_owed(one, self.watch, self.rules, local_date(now), told)
            if skip is None:
                yield Sent(one, now)
            if skip is None or one.event_id is not None or not _may_come_again(skip):
                self.decided.add(key)

    def _next(self, now: datetime) -> datetime | None:
        """The next moment at which anything may be different and the notifier was awake."""
        moments = [event.happened_at for event in self.left[:1]]
        moments += [at for _, at in self.waiting.values()]
        moments += self.window.past.changes
        if day := next_look(self.watch, self.rules, local_date(now)):
            moments.append(_midnight(day))
        return min((self.window.past.awake(at) for at in moments if at > now), default=None)


def _may_come_again(skip: Skip | None) -> bool:
    return skip is not None and skip.cause in PASSING


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
