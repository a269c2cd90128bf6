"""What is told of a letter without writing it: what it is for, its version, and its languages."""

from dataclasses import dataclass
from functools import cache

from secor_notifier.domain.letters.environment import messages, purpose
from secor_notifier.domain.letters.language import SOURCE, catalogue, languages
from secor_notifier.domain.letters.version import template_version


@dataclass(frozen=True)
class LetterTold:
    """One letter."""

    letter: str
    purpose: str
    version: str
    locales: tuple[str, ...]


@cache
def tell(letter: str) -> LetterTold:
    return LetterTold(letter, purpose(letter), template_version(letter), _locales(letter))


def _locales(letter: str) -> tuple[str, ...]:
    """The languages in which each of its sentences can be said; elsewhere it is written in English."""
    said = frozenset(messages(letter))
    others = (tag for tag in languages() if tag != SOURCE)
    return (SOURCE, *(tag for tag in others if all(_has(tag, message) for message in said)))


def _has(tag: str, message: str) -> bool:
    """Whatever its context is: the same words in several contexts are kept as one entry for each."""
    return any(one.string for one in catalogue(tag) if one.id == message or message in one.id)
