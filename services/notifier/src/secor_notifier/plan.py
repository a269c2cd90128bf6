"""The plan as one can look at it: what will go out and when, what will not and why, as things stand now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from secor_notifier.clock import Clock
from secor_notifier.domain.reminders import Owed, timed, upcoming
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger import Ledger, Reminder, Wishes
from secor_notifier.ledger.reading import Reading
from secor_notifier.zone import ZONE


@dataclass(frozen=True)
class Planned:
    """A decision, the time at which it is to be sent, and why it waits until then, if it does."""

    decision: Owed
    sends_at: datetime | None
    waits_because: str | None

    @property
    def place(self) -> str:
        return f"{self.decision.owed_on}/{self.decision.reminder_id}"


@dataclass(frozen=True)
class Plan:
    """Derived whenever it is asked for; nothing of it is kept."""

    ledger: Ledger
    reading: Reading
    wishes: Wishes
    rules: Rules
    clock: Clock

    async def coming(self, days: int, case_id: str | None = None, recipient: str | None = None) -> list[Planned]:
        """What comes up from today, in the order of its days; what is sent or decided against already is not in it."""
        today = self.clock.today()
        until = today + timedelta(days=days)
        told = await self.wishes.in_force(self.clock.now())
        found = {
            one.reminder_id: one
            for watch in await self._watches(until, case_id)
            for one in upcoming(watch, self.rules, today, until, told)
        }
        kept = await self.reading.kept(list(found))
        waiting = {one.reminder_id: one for one in await self.reading.waiting(case_id)}
        planned = [self._derived(one) for key, one in found.items() if key not in kept and key not in waiting]
        planned += [_kept(one) for one in waiting.values()]
        mine = (one for one in planned if recipient in {None, one.decision.recipient.id})
        return sorted(mine, key=lambda one: one.place)

    async def _watches(self, until: date, case_id: str | None) -> Iterable[Watch]:
        if case_id:
            return (await self.ledger.watches([case_id])).values()
        return await self.ledger.watches_to_look_at(until)

    def _derived(self, decision: Owed) -> Planned:
        if decision.skip:
            return Planned(decision, None, None)
        begins = datetime.combine(decision.owed_on, time(), ZONE)
        at = max(begins, self.clock.now())
        moved = timed(decision, self.rules, at).moved
        return Planned(decision, moved.to if moved else at, moved.because if moved else None)


def _kept(reminder: Reminder) -> Planned:
    return Planned(reminder.decision, reminder.next_attempt_at, reminder.waits_because)
