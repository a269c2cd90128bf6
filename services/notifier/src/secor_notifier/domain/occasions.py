"""When a letter goes out and to whom, as the rules say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from secor_notifier.domain.letters.stopped import STOPPED
from secor_notifier.domain.rules import Audience, Ladder, Rules

ANY_OTHER = "any other deadline"


@dataclass(frozen=True)
class Occasion:
    """One rule that names the letter; `days` count from a deadline's date, before it negative."""

    kind: Literal["deadline", "event", "digest", "together", "webhook"]
    name: str
    to: tuple[Audience, ...]
    days: tuple[int, ...] = ()


def occasions(rules: Rules, letter: str) -> tuple[Occasion, ...]:
    """Every rule that calls for the letter."""
    return (*_deadlines(rules, letter), *_events(rules, letter), *_others(rules, letter))


def _deadlines(rules: Rules, letter: str) -> Iterator[Occasion]:
    for name, ladder in (*rules.ladders.items(), (ANY_OTHER, rules.otherwise)):
        yield from _of_ladder(name, ladder, letter)


def _of_ladder(name: str, ladder: Ladder, letter: str) -> Iterator[Occasion]:
    rungs = [rung for rung in ladder.rungs if rung.letter == letter]
    for to in dict.fromkeys(rung.to for rung in rungs):
        yield Occasion("deadline", name, to, tuple(rung.days for rung in rungs if rung.to == to))


def _events(rules: Rules, letter: str) -> Iterator[Occasion]:
    for name, found in rules.events.items():
        yield from (Occasion("event", name, rule.to) for rule in found if rule.letter == letter)


def _others(rules: Rules, letter: str) -> Iterator[Occasion]:
    if letter == rules.digest.letter:
        yield Occasion("digest", f"business days at {rules.digest.at:%H:%M}", (Audience.STAFF,))
    if letter == STOPPED:
        yield Occasion("webhook", "an endpoint was disabled, being gone or failing for too long", (Audience.STAFF,))
    if letter == rules.together:
        yield Occasion("together", "several reminders for one person at once", (Audience.EMPLOYER, Audience.STAFF))
