"""Sends what is due: asks once more whether it is owed, hands it over, and keeps what became of it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.channels import Channel, Envelope, Refusal
from secor_notifier.correspondence import Correspondence
from secor_notifier.domain.reminders import timed
from secor_notifier.domain.retry import next_attempt
from secor_notifier.ledger import Outbox, Reminder, Template
from secor_notifier.logs import logger
from secor_notifier.parcels import Parcel, about, parcels
from secor_notifier.preparing import Preparing, Ready
from secor_notifier.tracing import Tracing

BATCH = 50
BREATH_SECONDS = 0.05
MARGIN = 0.75
FINISH_SECONDS = 5
log = logger(__name__)


class _Nowhere:
    """A channel that was planned for and has been taken out of the settings since."""

    async def send(self, _envelope: Envelope) -> Refusal | None:
        return Refusal("There is no such channel any more.", for_good=True)


NOWHERE = _Nowhere()


@dataclass(frozen=True)
class Sending:
    """Never holds a transaction open while it talks to a mail server; any number of processes may send at once."""

    outbox: Outbox
    preparing: Preparing
    channels: Mapping[str, Channel]
    tracing: Tracing = field(default_factory=Tracing)
    _under_way: set["asyncio.Task[Refusal | None]"] = field(default_factory=set)

    @property
    def correspondence(self) -> Correspondence:
        return self.preparing.correspondence

    async def send_due(self) -> None:
        """Everything whose time has come; the workflow being away ends it, and nothing counts as tried."""
        clock = self.correspondence.clock
        await self.outbox.find_lost(clock.now())
        try:
            while batch := await self.outbox.lease(clock.now(), BATCH):
                await self._send_batch(batch)
        except Exception:
            # What was not begun is free for whoever comes next; after a cancellation `finish` sees to that.
            await self.outbox.give_back()
            raise

    async def send_all_due(self) -> None:
        """As `send_due`, and return when what others have under way is settled too."""
        await self.send_due()
        while await self.outbox.anything_due(self.correspondence.clock.now()):
            await asyncio.sleep(BREATH_SECONDS)
            await self.send_due()

    async def _send_batch(self, batch: Sequence[Reminder]) -> None:
        closed_doors: dict[str, Refusal] = {}
        for parcel in parcels(batch):
            door = parcel[0].decision.channel
            # One knock for all: behind a closed door the other letters would wait as long, each for itself.
            closed = closed_doors.get(door)
            refusal = await self._turn_away(parcel, closed) if closed else await self._try(parcel)
            if refusal and refusal.nobody_there:
                closed_doors[door] = refusal

    async def _turn_away(self, parcel: Parcel, closed_door: Refusal) -> Refusal:
        await self._record(await self._begin(parcel), closed_door)
        return closed_door

    async def _try(self, parcel: Parcel) -> Refusal | None:
        """No letter, whatever is wrong with it, stands in the way of the others."""
        with self.tracing.span("letter", **_told(parcel[0])):
            return await self._try_once(parcel)

    async def _try_once(self, parcel: Parcel) -> Refusal | None:
        ready = await self._ready(parcel)
        if ready is None:
            return None
        # Once begun it is carried through, also while the service stops: else nobody would know how it ended.
        hand_over = asyncio.create_task(self._hand_over(ready))
        self._under_way.add(hand_over)
        hand_over.add_done_callback(self._under_way.discard)
        return await asyncio.shield(hand_over)

    async def finish(self) -> None:
        """What was begun ends before the service does, and what was not is free, be it leased a moment ago."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_SECONDS)
        with suppress(SQLAlchemyError, OSError):  # without a database; then the leases end by themselves
            await self.outbox.give_back()

    async def _ready(self, parcel: Parcel) -> Ready | None:
        """What remains of a parcel when each of its letters was asked about once more."""
        owed = tuple([one for one in parcel if not await self._waits(one)])
        prepared = await self.preparing.prepare(owed)
        for reminder, skip in prepared.skipped:
            await self.outbox.skipped(reminder, skip)
            log.info("skipped", **about(reminder))
        for reminder, refusal in prepared.refused:
            await self._record(await self._begin((reminder,)), refusal)
        return prepared.ready

    async def _waits(self, reminder: Reminder) -> bool:
        """Whether its hour is not a good one: it may have been planned for another, and the clock has gone on."""
        moved = timed(reminder.decision, self.correspondence.rules, self.correspondence.clock.now()).moved
        if moved is not None:
            await self.outbox.postponed(reminder, moved.to, moved.because)
        return moved is not None

    async def _begin(self, parcel: Parcel, written: Template | None = None) -> Parcel:
        message_id = self.correspondence.message_id(parcel)
        return await self.outbox.begin(parcel, message_id, self.correspondence.clock.now(), written)

    async def _hand_over(self, ready: Ready) -> Refusal | None:
        begun = await self._begin(ready.parcel, self.correspondence.template(ready.parcel))
        if not begun:
            log.info("left to another process", **about(ready.parcel[0]))
            return None
        try:
            async with asyncio.timeout(self.outbox.lease_seconds * MARGIN):
                refusal = await self._way_out(begun[0]).send(ready.envelope)
        except TimeoutError:
            refusal = Refusal("The hand-over took longer than its lease.", unknown=True)
        except Exception as error:
            log.exception("sending failed unexpectedly", **about(begun[0]))
            refusal = Refusal(f"It could not be sent ({type(error).__name__}).", unknown=True)
        await self._record(begun, refusal)
        return refusal

    def _way_out(self, reminder: Reminder) -> Channel:
        return self.channels.get(reminder.decision.channel, NOWHERE)

    async def _record(self, parcel: Parcel, refusal: Refusal | None) -> None:
        now = self.correspondence.clock.now()
        for reminder in parcel:
            if refusal is None:
                await self.outbox.sent([reminder], now)
                log.info("sent", **about(reminder))
                continue
            again_at = next_attempt(self.correspondence.rules.retry, reminder.attempts, now)
            if refusal.unknown:
                await self.outbox.unknown([reminder], refusal.error, again_at)
            else:
                await self.outbox.failed([reminder], refusal.error, None if refusal.for_good else again_at)
            log.warning("not sent", error=refusal.error, **about(reminder))


def _told(reminder: Reminder) -> dict[str, str | int | None]:
    """By what a trace leads from a letter to the event from which it came: its id, or its place in the log."""
    decision = reminder.decision
    return {
        "reminder_id": reminder.reminder_id,
        "case_id": decision.case_id or None,
        "letter": decision.letter,
        "event_id": decision.event_id,
        "position": decision.revision or None,
    }
