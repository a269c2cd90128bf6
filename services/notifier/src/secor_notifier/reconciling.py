"""Once a day the books are compared: the cases as the workflow lists them, the watches, and what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from secor_notifier.domain.reminders import owed
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger import Ledger
from secor_notifier.ledger.balances import Balance, Balances
from secor_notifier.logs import logger
from secor_notifier.plan import Plan
from secor_notifier.pulse import Pulse
from secor_notifier.workflow.listing import Listed, Listing

PAGE = 200
log = logger(__name__)


@dataclass(frozen=True)
class Reconciling:
    """Proves that the plan equals the deadlines, or counts in how many cases it does not; mends nothing."""

    listing: Listing
    ledger: Ledger
    plan: Plan
    balances: Balances
    pulse: Pulse

    async def work(self) -> None:
        """Today's comparison, if it is still to be made and the log has been read to its head."""
        today = self.plan.clock.today()
        last = await self.balances.last()
        caught_up = self.pulse.active and self.pulse.head_position is not None
        if not caught_up or (last is not None and last.on == today):
            return
        balance = await self.compare(today)
        await self.balances.keep(balance)
        if balance.differences:
            log.error("reconciliation found differences", differences=balance.differences, cases=balance.cases)

    async def compare(self, today: date) -> Balance:
        cases = differences = 0
        read_to = await self._read_to()
        async for page in self.listing.pages(PAGE):
            watches = await self.ledger.watches([one.case_id for one in page])
            wrong = {one.case_id for one in page if _differs(one, watches.get(one.case_id), read_to)}
            wrong |= await self._undecided(watches.values(), today)
            cases += len(page)
            differences += len(wrong)
            read_to = await self._read_to()
        return Balance(today, cases, differences)

    async def _read_to(self) -> int:
        return (await self.ledger.bookmark()).position

    async def _undecided(self, watches: Iterable[Watch], today: date) -> set[str]:
        """Cases with something that is owed today and of which the ledger knows nothing."""
        told = await self.plan.wishes.in_force(self.plan.clock.now())
        due = {one.reminder_id: one for watch in watches for one in owed(watch, self.plan.rules, today, told)}
        kept = await self.plan.reading.kept(list(due))
        unknown = {one.case_id for key, one in due.items() if key not in kept}
        return unknown - await self.ledger.still_to_be_looked_at(unknown, today)


def _differs(listed: Listed, watch: Watch | None, read_to: int) -> bool:
    """By state and first date; a case that has gone on since we asked is compared tomorrow."""
    known = watch.position if watch else 0
    if watch is None or known != listed.position:
        return max(known, listed.position) <= read_to
    first = min((one.due_on for one in watch.deadlines), default=None)
    return (watch.state, first) != (listed.state, listed.earliest_due_on)
