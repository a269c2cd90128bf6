"""The plan as one can look at it: what will go out and when, what will not and why not, as things stand now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from secor_notifier.clock import Clock
from secor_notifier.domain.foresight import Foresight, Outlook
from secor_notifier.domain.recipients import Role
from secor_notifier.domain.reminders import Owed, upcoming
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger import Ledger, Reminder, Wishes
from secor_notifier.ledger.reading import Place, Reading
from secor_notifier.zone import ZONE

CASES = 50
LOOKS = 40
"""So many times so many cases are looked at for one page, however few of them concern whoever is asked for."""
ALL_OF_A_CASE = 10_000
LAST = "~"
WORDS = frozenset({role.value for role in Role})


@dataclass(frozen=True)
class Ahead:
    """How far to look ahead, and whether for one case or one recipient only."""

    days: int
    case_id: str | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class Planned:
    """A decision with the skip that it will have, if any; when it is to be sent or will be decided against, why not
    before, and the version of its template if it is written down.
    """

    decision: Owed
    at: datetime
    waits_because: str | None
    template_version: str | None = None

    @property
    def sends_at(self) -> datetime | None:
        return None if self.decision.skip else self.at


@dataclass(frozen=True, order=True)
class InCase:
    """Behind this reminder of this case; the cases stand in the order of the day on which they are looked at next."""

    next_on: date
    case_id: str
    reminder: str = ""


Mark = Place | InCase
FIRST_CASE = InCase(date.min, "")


@dataclass(frozen=True)
class PlanPage:
    """Some of the plan, and behind what the next page begins, if there is one."""

    items: tuple[Planned, ...]
    next: Mark | None


@dataclass(frozen=True)
class Plan:
    """Derived whenever it is asked for, page by page through an index; nothing of it is kept."""

    ledger: Ledger
    reading: Reading
    wishes: Wishes
    rules: Rules
    clock: Clock

    async def of_case(self, case_id: str, days: int) -> tuple[Planned, ...]:
        return (await self.page(Ahead(days, case_id), None, ALL_OF_A_CASE)).items

    async def page(self, ahead: Ahead, after: Mark | None, limit: int) -> PlanPage:
        """First what is decided and waits, soonest first; then case by case, first those whose day is next.

        What is sent or decided against already is not in it.
        """
        found: list[tuple[Mark, Planned]] = []
        if not isinstance(after, InCase):
            found += await self._waiting(ahead, after, limit + 1)
            after = FIRST_CASE
        ended, looks = False, 0
        while len(found) <= limit and not ended and looks < LOOKS:
            cases = await self._cases(ahead, after)
            found += await self._coming(cases, ahead, after)
            ended, looks = len(cases) < CASES, looks + 1
            if cases:
                next_on, watch = cases[-1]
                after = InCase(next_on, watch.case_id, LAST)
        items = tuple(planned for _, planned in found[:limit])
        if len(found) > limit:
            return PlanPage(items, found[limit - 1][0])
        return PlanPage(items, None if ended else after)

    async def _waiting(self, ahead: Ahead, after: Place | None, limit: int) -> list[tuple[Mark, Planned]]:
        rows = await self.reading.waiting(after, limit, ahead.case_id, ahead.recipient)
        now = self.clock.now()
        watches = await self.ledger.watches({reminder.decision.case_id for _, reminder in rows})
        told = await self.wishes.about(_people(watches.values()), now)
        seen = {case_id: Foresight(watch, self.rules, told) for case_id, watch in watches.items()}
        return [(place, _kept(reminder, seen.get(reminder.decision.case_id), now)) for place, reminder in rows]

    async def _cases(self, ahead: Ahead, after: InCase) -> list[tuple[date, Watch]]:
        until = self.clock.today() + timedelta(days=ahead.days)
        person = None if ahead.recipient in WORDS else ahead.recipient
        return await self.ledger.watches_coming(until, (after.next_on, after.case_id), CASES, ahead.case_id, person)

    async def _coming(
        self, cases: Iterable[tuple[date, Watch]], ahead: Ahead, after: InCase
    ) -> list[tuple[Mark, Planned]]:
        """What comes up in these cases behind the mark, in the order of the marks."""
        now, today = self.clock.now(), self.clock.today()
        told = await self.wishes.about(_people(watch for _, watch in cases), now)
        found = {
            InCase(next_on, watch.case_id, f"{one.owed_on}/{one.reminder_id}"): (watch, one)
            for next_on, watch in cases
            for one in upcoming(watch, self.rules, today, today + timedelta(days=ahead.days), told)
            if ahead.recipient in {None, one.recipient.id}
        }
        kept = await self.reading.kept([one.reminder_id for _, one in found.values()])
        return [
            (mark, _foreseen(one, Foresight(watch, self.rules, told), now))
            for mark, (watch, one) in sorted(found.items(), key=lambda pair: pair[0])
            if mark > after and one.reminder_id not in kept
        ]


def _people(watches: Iterable[Watch]) -> set[str]:
    return {person for watch in watches for person in (watch.contact_id, watch.champion_id) if person}


def _kept(reminder: Reminder, foresight: Foresight | None, now: datetime) -> Planned:
    """What waits, as sending will judge it; the digest, which is about no case, goes out."""
    decision, at = replace(reminder.decision, skip=None), reminder.next_attempt_at or now
    if foresight is None:
        return Planned(decision, at, reminder.waits_because, reminder.template_version)
    outlook = foresight.of_waiting(decision, max(at, now))
    if outlook.at == max(at, now):
        outlook = replace(outlook, at=at, waits_because=reminder.waits_because)
    return _planned(decision, outlook, reminder.template_version)


def _foreseen(decision: Owed, foresight: Foresight, now: datetime) -> Planned:
    at = max(datetime.combine(decision.owed_on, time(), ZONE), now)
    return _planned(decision, foresight.of_coming(decision, at))


def _planned(decision: Owed, outlook: Outlook, template_version: str | None = None) -> Planned:
    because = None if outlook.skip else outlook.waits_because
    return Planned(replace(decision, skip=outlook.skip), outlook.at, because, template_version)
