"""Writes down what is owed: the watches whose day has come, what a silence kept back, and the staff's digest."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from secor_notifier.clock import Clock
from secor_notifier.domain.digest import digest_due
from secor_notifier.domain.reminders import by_channel, next_look, owed, timed
from secor_notifier.domain.rules import Rules
from secor_notifier.ledger import Ledger, Wishes

BATCH = 200
WHILE = timedelta(minutes=1)


@dataclass
class Planning:
    """Costs what is due, not what is watched; done twice it decides nothing anew."""

    ledger: Ledger
    wishes: Wishes
    rules: Rules
    clock: Clock
    _digest_of: date | None = field(default=None)
    _awake_at: datetime | None = field(default=None)

    async def plan(self) -> None:
        await self._wake()
        await self._end_silences()
        await self._plan_watches()
        await self._plan_digest()

    async def _wake(self) -> None:
        """Once in a while, and at once when the clock has gone back."""
        now = self.clock.now()
        if self._awake_at is None or not self._awake_at <= now < self._awake_at + WHILE:
            await self.ledger.awake(now)
            self._awake_at = now

    async def _end_silences(self) -> None:
        """What a silence kept back may be owed now that it is over."""
        for silence in await self.wishes.just_ended(self.clock.now()):
            await self.ledger.look_again(silence.matcher.case_id)
            await self.wishes.settle(silence)

    async def _plan_watches(self) -> None:
        now, today = self.clock.now(), self.clock.today()
        while watches := await self.ledger.watches_to_look_at(today, BATCH):
            told = await self.wishes.in_force(now)
            decisions = [
                timed(decision, self.rules, now)
                for watch in watches
                for decision in owed(watch, self.rules, today, told)
            ]
            looked_at = [(watch, next_look(watch, self.rules, today)) for watch in watches]
            await self.ledger.owe(looked_at, decisions, now, told)

    async def _plan_digest(self) -> None:
        now = self.clock.now()
        digest = digest_due(self.rules, now)
        if digest is None or digest.owed_on == self._digest_of:
            return
        await self.ledger.owe([], by_channel(digest, self.rules), now)
        self._digest_of = digest.owed_on
