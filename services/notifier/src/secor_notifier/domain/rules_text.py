"""rules.toml, read and checked: a rule which cannot be followed is refused by name and line, before anything starts."""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from secor_notifier.domain.calendars import calendars
from secor_notifier.domain.hours import GoodHours
from secor_notifier.domain.letters.wording import OTHER, sentences
from secor_notifier.domain.rules import Audience, Digest, Enclosing, EventRule, Ladder, Programme, Retry, Rules, Rung

OF_TABLES = frozenset({"deadlines", "events"})
"""Each of their entries is a table of its own."""


class RulesError(ValueError):
    """A sentence for whoever wrote the rules."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Audiences = Annotated[tuple[Audience, ...], Field(min_length=1)]
Days = Annotated[int, Field(ge=-3660, le=3660)]


class _Rungs(_Strict):
    days: tuple[Days, ...] = Field(min_length=1)
    to: Audiences
    letter: str
    escalates: bool = False
    every: Annotated[int, Field(ge=1, le=366)] | None = None
    until: Days | None = None

    @model_validator(mode="after")
    def _repeats_to_an_end(self) -> Self:
        if (self.every is None) != (self.until is None):
            raise ValueError("give `every` and `until` together: what repeats has an end")
        if self.until is not None and self.until <= max(self.days):
            raise ValueError("`until` comes after the last of `days`")
        return self

    @property
    def all_days(self) -> tuple[int, ...]:
        """The days said, and those on which it repeats until the deadline is met or `until` is over."""
        if self.every is None or self.until is None:
            return self.days
        return (*self.days, *range(max(self.days) + self.every, self.until + 1, self.every))


class _Ladder(_Strict):
    source: str = Field(min_length=1)
    rungs: tuple[_Rungs, ...]
    mandatory: bool = True
    inhibited_by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        said = [(day, audience) for rungs in self.rungs for day in rungs.all_days for audience in rungs.to]
        if len(said) != len(set(said)):
            raise ValueError("two rungs speak to the same people on the same day")
        return self

    def ladder(self) -> Ladder:
        steps = (Rung(day, one.to, one.letter, one.escalates) for one in self.rungs for day in one.all_days)
        rungs = tuple(sorted(steps, key=lambda rung: rung.days))
        return Ladder(rungs, self.source, self.mandatory, self.inhibited_by)


class _EventRule(_Strict):
    letter: str
    to: Audiences
    source: str = Field(min_length=1)
    only_if: str | None = None
    when_closed: bool = False
    while_in: tuple[str, ...] = ()
    while_held: bool = False
    unless_open: tuple[str, ...] = ()
    at_once: bool = False

    def rule(self) -> EventRule:
        return EventRule(**dict(self))


class _Sending(_Strict):
    stale_after_days: int = Field(ge=1, le=3660)
    pauses_minutes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    give_up_after_hours: int = Field(ge=1)
    package: Literal["attach", "link"]
    attach_at_most_bytes: int = Field(ge=0)


class _Letters(_Strict):
    nudges: tuple[str, ...]
    together: str


class _GoodHours(_Strict):
    calendar: str
    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if not self.opens < self.closes:
            raise ValueError("`opens` comes before `closes`")
        return self


class _Digest(_Strict):
    letter: str
    at: time
    calendar: str
    due_within_days: int = Field(ge=0, le=366)


class _Programme(_Strict):
    manual_url: str
    training_url: str
    audit_guide_url: str
    recertification_days: int = Field(ge=1)


@dataclass(frozen=True)
class Named:
    """Something that a rule refers to: where it does so, of what kind it is, and its name."""

    place: str
    kind: Literal["letter", "calendar", "deadline"]
    name: str


class _RulesFile(_Strict):
    sending: _Sending
    letters: _Letters
    good_hours: _GoodHours
    digest: _Digest
    programme: _Programme
    any_other_deadline: _Ladder
    deadlines: dict[str, _Ladder]
    events: dict[str, tuple[_EventRule, ...]]

    def ladders(self) -> Iterator[tuple[str, _Ladder]]:
        """Each ladder with its place in the file."""
        yield "any_other_deadline", self.any_other_deadline
        yield from ((f"deadlines.{name}", ladder) for name, ladder in self.deadlines.items())

    def named(self) -> Iterator[Named]:
        """All that the rules refer to and that must be there."""
        yield from (Named("letters", "letter", letter) for letter in (*self.letters.nudges, self.letters.together))
        yield Named("digest", "letter", self.digest.letter)
        yield Named("digest", "calendar", self.digest.calendar)
        yield Named("good_hours", "calendar", self.good_hours.calendar)
        yield from (Named(f"deadlines.{name}", "deadline", name) for name in self.deadlines)
        for place, ladder in self.ladders():
            yield from (Named(place, "letter", rungs.letter) for rungs in ladder.rungs)
            yield from (Named(place, "deadline", name) for name in ladder.inhibited_by)
        for event, rules in self.events.items():
            yield from (Named(f"events.{event}", "letter", rule.letter) for rule in rules)
            yield from (Named(f"events.{event}", "deadline", name) for rule in rules for name in rule.unless_open)


def read_rules(text: str, letters: Collection[str]) -> Rules:
    """The rules as written in `text`; every letter they name must be one of `letters`."""
    try:
        file = _RulesFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"The rules are not TOML: {error}.") from error
    except ValidationError as error:
        raise RulesError(_sentence(text, error)) from error
    except (RecursionError, ValueError) as error:  # brackets in brackets without end, a number of a million digits
        raise RulesError("The rules are not TOML that can be read: something in it is too deep or too long.") from error
    there = {"letter": letters, "calendar": calendars(), "deadline": sentences().keys() - {OTHER}}
    for named in file.named():
        if named.name not in there[named.kind]:
            at = _line(text, named.place, _quoted(named.name))
            raise RulesError(
                f"Line {at}: the rule [{named.place}] names the {named.kind} {named.name!r}, which there is not. "
                f"There are: {', '.join(sorted(there[named.kind]))}."
            )
    return _rules(file, text)


def _rules(file: _RulesFile, text: str) -> Rules:
    hours, digest = file.good_hours, file.digest
    return Rules(
        ladders={name: ladder.ladder() for name, ladder in file.deadlines.items()},
        otherwise=file.any_other_deadline.ladder(),
        events={event: tuple(rule.rule() for rule in rules) for event, rules in file.events.items()},
        nudges=frozenset(file.letters.nudges),
        together=file.letters.together,
        hours=GoodHours(hours.calendar, calendars()[hours.calendar], hours.opens, hours.closes),
        digest=Digest(digest.letter, digest.at, calendars()[digest.calendar], digest.due_within_days),
        stale_after=timedelta(days=file.sending.stale_after_days),
        retry=Retry(
            pauses=tuple(timedelta(minutes=minutes) for minutes in file.sending.pauses_minutes),
            give_up_after=timedelta(hours=file.sending.give_up_after_hours),
        ),
        enclosing=Enclosing(file.sending.package == "attach", file.sending.attach_at_most_bytes),
        programme=Programme(**file.programme.model_dump()),
        fingerprint=sha256(text.encode()).hexdigest(),
    )


def _sentence(text: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    depth = 2 if place[0] in OF_TABLES else 1
    table, inside = ".".join(place[:depth]), place[depth:]
    key = inside[-1] if inside else ""
    within = f" in {' → '.join(inside[:-1])}" if inside[:-1] else ""
    match first["type"]:
        case "missing" if not inside:
            return f"The table [{table}] is missing."
        case "missing":
            return f"Line {_line(text, table)}: `{key}` is missing{within} under [{table}]."
        case "extra_forbidden" if not inside:
            return f"Line {_line(text, table, _assigned(table))}: [{table}] is no table of the rules: leave it out."
        case "extra_forbidden":
            at = _line(text, table, _assigned(key))
            return f"Line {at}: `{key}`{within} under [{table}] is not known: leave it out."
    given = first.get("input")  # a table may be too deep to be written out
    said = _quoted(given) if isinstance(given, str) else _assigned(next(iter(inside), ""))
    path = f" ({' → '.join(inside)})" if inside else ""
    wrong = first["msg"].removeprefix("Value error, ")
    return f"Line {_line(text, table, said)}: the rule [{table}]{path}: {wrong}."


def _quoted(word: str) -> str:
    return f'"{re.escape(word)}"'


def _assigned(key: str) -> str:
    return rf"(?:^|[\s{{,]){re.escape(key)}\s*=" if key else ""


def _line(text: str, table: str, said: str = "") -> int:
    """The line on which the table says what the pattern finds, or the table's first; 1 when it is nowhere."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[+\s*{re.escape(table)}\s*\]+")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    for start in starts:
        for number in range(start + 1, len(lines)):
            if lines[number].lstrip().startswith("["):
                break
            if said and re.search(said, lines[number]):
                return number + 1
    return starts[0] + 1 if starts else 1
