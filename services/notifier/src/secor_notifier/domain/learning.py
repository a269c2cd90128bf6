"""What a page of events teaches: the cases as they now stand, and the letters the events call for."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from secor_notifier.domain.event import Event
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.reminders import Owed, by_channel, timed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import Watch, evolve

Letters = tuple[tuple[Owed, Mapping[str, object]], ...]


def learn(
    events: Iterable[Event], known: Mapping[str, Watch], rules: Rules, now: datetime, read_before: int = 0
) -> tuple[tuple[Watch, ...], Letters]:
    """The watches which the events changed, and each event letter with the fact it will speak of.

    Events up to `read_before` have been read before in this very order: their letters are decided.
    """
    watches: dict[str, Watch] = {}
    letters: list[tuple[Owed, Mapping[str, object]]] = []
    for event in events:
        before = watches.get(event.case_id) or known.get(event.case_id) or Watch(event.case_id)
        after = watches[event.case_id] = evolve(before, event)
        if event.position > read_before:
            letters += (
                (timed(letter, rules, now), event.fact)
                for decided in letters_for(event, after, rules, now)
                for letter in by_channel(decided, rules)
            )
    return tuple(watches.values()), tuple(letters)
