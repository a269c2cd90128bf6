"""rules.toml, read and checked: a rule which cannot be followed is refused by name and line, before anything starts."""

import re
import tomllib
from collections.abc import Collection, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from secor_notifier.domain.rules import Audience, EventRule, Ladder, Programme, Retry, Rules, Rung


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


class _Ladder(_Strict):
    source: str = Field(min_length=1)
    rungs: tuple[_Rungs, ...]

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        said = [(day, audience) for rungs in self.rungs for day in rungs.days for audience in rungs.to]
        if len(said) != len(set(said)):
            raise ValueError("two rungs speak to the same people on the same day")
        return self

    def ladder(self) -> Ladder:
        steps = (Rung(day, rungs.to, rungs.letter) for rungs in self.rungs for day in rungs.days)
        return Ladder(tuple(sorted(steps, key=lambda rung: rung.days)), self.source)


class _EventRule(_Strict):
    letter: str
    to: Audiences
    source: str = Field(min_length=1)
    only_if: str | None = None
    when_closed: bool = False

    def rule(self) -> EventRule:
        return EventRule(self.letter, self.to, self.source, self.only_if, self.when_closed)


class _Sending(_Strict):
    stale_after_days: int = Field(ge=1, le=3660)
    pauses_minutes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    give_up_after_hours: int = Field(ge=1)


class _Programme(_Strict):
    manual_url: str
    training_url: str
    audit_guide_url: str
    recertification_days: int = Field(ge=1)


class _RulesFile(_Strict):
    sending: _Sending
    programme: _Programme
    any_other_deadline: _Ladder
    deadlines: dict[str, _Ladder]
    events: dict[str, tuple[_EventRule, ...]]

    def named_letters(self) -> Iterator[tuple[str, str]]:
        """Each rule's place in the file, and the letter it names."""
        ladders = {f"deadlines.{name}": ladder for name, ladder in self.deadlines.items()}
        for place, ladder in {"any_other_deadline": self.any_other_deadline, **ladders}.items():
            yield from ((place, rungs.letter) for rungs in ladder.rungs)
        for event, rules in self.events.items():
            yield from ((f"events.{event}", rule.letter) for rule in rules)


def read_rules(text: str, letters: Collection[str]) -> Rules:
    """The rules as written in `text`; every letter they name must be one of `letters`."""
    try:
        file = _RulesFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"The rules are not TOML: {error}.") from error
    except ValidationError as error:
        raise RulesError(_sentence(text, error)) from error
    for place, letter in file.named_letters():
        if letter not in letters:
            raise RulesError(
                f"Line {_line(text, place, letter)}: the rule [{place}] names the letter {letter!r}, "
                f"which there is not. There are: {', '.join(sorted(letters))}."
            )
    return _rules(file, text)


def _rules(file: _RulesFile, text: str) -> Rules:
    return Rules(
        ladders={name: ladder.ladder() for name, ladder in file.deadlines.items()},
        otherwise=file.any_other_deadline.ladder(),
        events={event: tuple(rule.rule() for rule in rules) for event, rules in file.events.items()},
        stale_after=timedelta(days=file.sending.stale_after_days),
        retry=Retry(
            pauses=tuple(timedelta(minutes=minutes) for minutes in file.sending.pauses_minutes),
            give_up_after=timedelta(hours=file.sending.give_up_after_hours),
        ),
        programme=Programme(**file.programme.model_dump()),
        fingerprint=sha256(text.encode()).hexdigest(),
    )


def _sentence(text: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    rule = ".".join(place[:2])
    wrong = str(first.get("input", ""))
    return f"Line {_line(text, rule, wrong)}: the rule [{rule}] ({' → '.join(place[2:]) or 'itself'}): {first['msg']}."


def _line(text: str, rule: str, word: str) -> int:
    """The line on which the rule says the word, or its first; 1 when it is nowhere."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[+\s*{re.escape(rule)}\s*\]+")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    for start in starts:
        for number in range(start + 1, len(lines)):
            if lines[number].lstrip().startswith("["):
                break
            if word and f'"{word}"' in lines[number]:
                return number + 1
    return starts[0] + 1 if starts else 1
