"""What other rules would have sent: each case lives its last days again, on paper, under both; nothing is sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from secor_notifier.domain.event import Event
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.reminders import Owed, owed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import Watch, evolve
from secor_notifier.zone import ZONE


@dataclass(frozen=True)
class Difference:
    """Of one case: what only the new rules would have sent, and what only those in force did."""

    case_id: str
    added: tuple[Owed, ...]
    removed: tuple[Owed, ...]


def difference(case_id: str, events: Sequence[Event], now: Rules, then: Rules, days: Sequence[date]) -> Difference:
    """Compared by who gets which letter about what: the rules may count its day otherwise."""
    before, after = (_sent(case_id, events, rules, days) for rules in (now, then))
    return Difference(
        case_id,
        tuple(one for key, one in after.items() if key not in before),
        tuple(one for key, one in before.items() if key not in after),
    )


def last_days(today: date, number: int) -> list[date]:
    return [today - timedelta(days=back) for back in range(number - 1, -1, -1)]


def _sent(case_id: str, events: Sequence[Event], rules: Rules, days: Sequence[date]) -> Mapping[object, Owed]:
    found: dict[object, Owed] = {}
    for one in _lived(case_id, events, rules, days):
        if one.skip is None:
            found.setdefault((one.key, one.letter), one)
    return found


def _lived(case_id: str, events: Sequence[Event], rules: Rules, days: Sequence[date]) -> Iterator[Owed]:
    """Day after day: the events of the day with their letters, and then what stands at its end."""
    watch, left = Watch(case_id), list(events)
    decided: set[str] = set()
    for day in days:
        while left and left[0].happened_on <= day:
            event = left.pop(0)
            watch = evolve(watch, event)
            if event.happened_on >= days[0]:
                yield from letters_for(event, watch, rules, datetime.combine(day, time.max, ZONE))
        for one in owed(watch, rules, day):
            if one.key not in decided:
                decided.add(one.key)
                if day > days[0] or one.owed_on >= day:
                    yield one
