"""Who a letter goes to: people by their id, the go2HR inbox and WorkSafeBC by a word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from secor_notifier.domain.rules import Audience
from secor_notifier.domain.watch import EMPLOYER, STAFF, Watch


class Role(StrEnum):
    """In which part somebody gets a letter."""

    CONTACT = "contact"
    CHAMPION = "champion"
    STAFF = "staff"
    WORKSAFEBC = "worksafebc"


EMPLOYER_ROLES = frozenset({Role.CONTACT, Role.CHAMPION})


@dataclass(frozen=True)
class Recipient:
    """A person's id or one of the words `staff` and `worksafebc`; the address is asked for when sending."""

    id: str
    role: Role


def recipients(watch: Watch, to: Iterable[Audience], owner: str | None = None) -> tuple[Recipient, ...]:
    """Everyone meant, each once: a contact who is also the champion gets one letter, as contact."""
    found: dict[str, Recipient] = {}
    for audience in to:
        for recipient in _meant(watch, audience, owner):
            found.setdefault(recipient.id, recipient)
    return tuple(found.values())


def told_instead(watch: Watch, meant: Sequence[Recipient], opted_out: frozenset[str]) -> tuple[Recipient, ...]:
    """Who is told in the place of an employer's person who wants no reminders: the other one, and staff."""
    known = {one.id for one in meant}
    if not any(one.role in EMPLOYER_ROLES and one.id in opted_out for one in meant):
        return ()
    others = recipients(watch, (Audience.EMPLOYER, Audience.STAFF))
    return tuple(one for one in others if one.id not in known | opted_out)


def _or_who_stands_in(watch: Watch, meant: Recipient) -> Recipient:
    """Somebody, or for a person who was erased the employer's other person, and if there is none, staff."""
    others = (
        Recipient(person_id, role)
        for person_id, role in ((watch.contact_id, Role.CONTACT), (watch.champion_id, Role.CHAMPION))
        if person_id and person_id not in watch.erased
    )
    return next(others, Recipient(STAFF, Role.STAFF)) if meant.id in watch.erased else meant


def _meant(watch: Watch, audience: Audience, owner: str | None) -> Iterator[Recipient]:
    match audience:
        case Audience.OWNER if owner == EMPLOYER:
            yield from _meant(watch, Audience.EMPLOYER, owner)
        case Audience.OWNER if owner == STAFF:
            yield Recipient(STAFF, Role.STAFF)
        case Audience.EMPLOYER:
            yield from _meant(watch, Audience.CONTACT, owner)
            yield from _meant(watch, Audience.CHAMPION, owner)
        case Audience.CONTACT if watch.contact_id:
            yield _or_who_stands_in(watch, Recipient(watch.contact_id, Role.CONTACT))
        case Audience.CHAMPION if watch.champion_id:
            yield _or_who_stands_in(watch, Recipient(watch.champion_id, Role.CHAMPION))
        case Audience.SECOND if watch.champion_id and watch.champion_id != watch.contact_id:
            yield _or_who_stands_in(watch, Recipient(watch.champion_id, Role.CHAMPION))
        case Audience.STAFF:
            yield Recipient(STAFF, Role.STAFF)
        case Audience.WORKSAFEBC:
            yield Recipient("worksafebc", Role.WORKSAFEBC)
