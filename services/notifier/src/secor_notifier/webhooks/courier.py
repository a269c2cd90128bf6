"""The courier: reads the log for every endpoint, posts what is due, and tells staff when it has disabled one."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from uuid_utils import uuid7

from secor_notifier.clock import Clock
from secor_notifier.installation import MasterKey
from secor_notifier.logs import logger
from secor_notifier.webhooks.deliveries import Deliveries, new_row
from secor_notifier.webhooks.endpoints import Endpoints
from secor_notifier.webhooks.knock import Answer, Knocker
from secor_notifier.webhooks.notice import StaffNotices
from secor_notifier.webhooks.pacing import Outcome, outcome
from secor_notifier.webhooks.ping import ping_body
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import PING, Delivery, Endpoint
from secor_notifier.webhooks.signing import headers, secret_of
from secor_notifier.workflow import CursorGoneError, Feed

AT_ONCE = 10
PINGS_AT_ONCE = 10
AGENT = "SECOR-Webhooks/1"
log = logger(__name__)


@dataclass(frozen=True)
class Load:
    """How much the courier has to carry, and for how many."""

    waiting: int
    endpoints: Mapping[str, int]


@dataclass(frozen=True)
class Courier:
    """Any number of them may run, in any number of processes: an endpoint is borrowed by one at a time."""

    feed: Feed
    endpoints: Endpoints
    deliveries: Deliveries
    knocker: Knocker
    notices: StaffNotices
    policy: WebhookPolicy
    key: MasterKey
    clock: Clock
    name: str = field(default_factory=lambda: str(uuid7()))
    _one_round: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pings: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PINGS_AT_ONCE))

    async def round(self) -> None:
        """Everything that is due by now, tried once. Whoever has much to be told gets it turn by turn."""
        async with self._one_round:
            more = True
            while more:
                more = await self._derive()
                more |= await self._deliver()
                await self.notices.tell(self.clock.now())
            await self.deliveries.forget(self.clock.now() - self.policy.keep)

    async def load(self) -> Load:
        return Load(await self.deliveries.waiting(), await self.endpoints.by_state())

    def secrets(self, endpoint: Endpoint) -> list[str]:
        """Those which sign at this time, the newest first."""
        return [self.secret(endpoint.endpoint_id, nonce) for nonce in endpoint.signing_nonces(self.clock.now())]

    def secret(self, endpoint_id: str, nonce: str) -> str:
        return secret_of(self.key.derived(f"webhook/{endpoint_id}/{nonce}"))

    async def ping(self, endpoint: Endpoint) -> Delivery:
        """One attempt at once, whatever the endpoint's state; it is kept like any other, and never tried again."""
        now = self.clock.now()
        ping_id = str(uuid7())
        row = new_row(endpoint.endpoint_id, ping_id, PING, ping_body(ping_id, endpoint.endpoint_id, now), now)
        async with self._pings:
            answer = await self._attempt(endpoint, row["delivery_id"], row["body"])
        row |= {
            "status": "failed" if answer.error else "delivered",
            "attempts": 1,
            "next_attempt_at": None,
            "last_attempt_at": now,
            "last_status": answer.status,
            "last_error": answer.error,
            "delivered_at": None if answer.error else now,
        }
        return await self.deliveries.keep(row)

    async def _derive(self) -> bool:
        """Whether there is more to read."""
        return any([await self._read_from(place) for place in await self.endpoints.cursors()])

    async def _read_from(self, place: str | None) -> bool:
        """From one place to the log's head, or as far as one turn leads; whoever else stands on the way is taken along.

        Whether there is more.
        """
        until = self._end_of_turn()
        while True:
            try:
                page = await self.feed.page(place, 0, whole=True)
            except CursorGoneError as error:
                if place is None:
                    raise
                await self.endpoints.begin_again(place, error.last_common)
                place = None
                continue
            if page.next_cursor == place:
                return False
            moved = await self.deliveries.take(place, page, self.clock.now())
            if page.at_head or not moved:
                return False
            if time.monotonic() > until:
                return True
            place = page.next_cursor

    async def _deliver(self) -> bool:
        """Whether an endpoint's turn was over before it was told everything."""
        waiting = asyncio.Semaphore(AT_ONCE)

        async def to(endpoint_id: str) -> bool:
            async with waiting:
                return await self._deliver_to(endpoint_id)

        busy = await self.deliveries.endpoints_with_work(self.clock.now())
        more = False
        for ended in await asyncio.gather(*map(to, busy), return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
            more |= ended
        return more

    async def _deliver_to(self, endpoint_id: str) -> bool:
        """One after the other, oldest first, until all are taken, or one is not (then the endpoint gets a rest), or
        its turn is over. Whether it is that.
        """
        until = self._end_of_turn()
        try:
            while endpoint := await self.endpoints.borrow(endpoint_id, self.name, self.clock.now(), self._lease):
                delivery = await self.deliveries.due(endpoint_id, self.clock.now())
                if delivery is None or not await self._try(endpoint, delivery):
                    return False
                if time.monotonic() > until:
                    return True
        finally:
            await asyncio.shield(self.endpoints.give_back(endpoint_id, self.name))
        return False

    def _end_of_turn(self) -> float:
        return time.monotonic() + self.policy.turn.total_seconds()

    async def _try(self, endpoint: Endpoint, delivery: Delivery) -> bool:
        """Whether it was taken, and the endpoint is still ours."""
        answer = await self._attempt(endpoint, delivery.delivery_id, delivery.body)
        came_of_it = outcome(endpoint, delivery, answer, self.policy, self.clock.now(), random.random)
        kept = await self.deliveries.record(delivery, came_of_it, self.name, self._lease)
        _log(endpoint, delivery, came_of_it)
        return kept and came_of_it.taken

    async def _attempt(self, endpoint: Endpoint, delivery_id: str, body: str) -> Answer:
        signed = headers(self.secrets(endpoint), delivery_id, self.clock.world(), body)
        told = {"Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": AGENT}
        return await self.knocker.post(endpoint.url, told | signed, body)

    @property
    def _lease(self) -> timedelta:
        return 4 * self.policy.answer_within


def _log(endpoint: Endpoint, delivery: Delivery, came_of_it: Outcome) -> None:
    """Ids, statuses and classes only: a URL may hold somebody's secret."""
    what = "delivered" if came_of_it.taken else "not delivered"
    status = came_of_it.answer.status
    log.info(what, endpoint_id=endpoint.endpoint_id, delivery_id=delivery.delivery_id, status=status)
    if came_of_it.disable:
        log.warning("disabled", endpoint_id=endpoint.endpoint_id, because=came_of_it.disable.value)
