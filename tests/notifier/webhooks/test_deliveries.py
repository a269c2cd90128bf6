"""Nothing is lost and nothing is made twice, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.given import event
from secor_notifier.domain.event import Deadline
from secor_notifier.installation import OtherSecretError, master_key
from secor_notifier.webhooks.deliveries import Deliveries, WantedDeliveries
from secor_notifier.webhooks.endpoints import Endpoints, TooManyEndpointsError, Wish
from secor_notifier.webhooks.interest import wants
from secor_notifier.webhooks.knock import Answer
from secor_notifier.webhooks.pacing import outcome
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import Because, Delivery, DeliveryStatus, Endpoint, Interest
from secor_notifier.workflow import FeedPage

NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERYTHING = Interest(frozenset("*"))
POLICY = WebhookPolicy.read()


def page(first: int, last: int, cursor: str) -> FeedPage:
    told = event("NoticeFiled")
    events = tuple(
        replace(told, event_id=f"event-{position}", position=position) for position in range(first, last + 1)
    )
    return FeedPage(events, cursor, at_head=True, bodies=tuple(f'{{"n":{one.position}}}' for one in events))


@pytest.fixture
def endpoints(engine: AsyncEngine) -> Endpoints:
    return Endpoints(engine)


@pytest.fixture
def deliveries(engine: AsyncEngine) -> Deliveries:
    return Deliveries(engine)


async def an_endpoint(endpoints: Endpoints, cursor: str | None = "e.0", position: int = 0) -> Endpoint:
    return await endpoints.make(
        Wish("me", "https://hooks.example/", EVERYTHING, None), cursor, position, NOW, at_most=10
    )


async def positions(deliveries: Deliveries, endpoint: Endpoint) -> list[int | None]:
    return [one.position for one in await deliveries.page(WantedDeliveries(endpoint.endpoint_id))]


async def test_a_page_read_twice_is_taken_once(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints)

    taken = await asyncio.gather(*(deliveries.take("e.0", page(1, 3, "e.3"), NOW) for _ in range(3)))
    assert sorted(taken) == [0, 0, 1]
    assert await positions(deliveries, endpoint) == [1, 2, 3]


async def test_each_endpoint_has_its_own_place(endpoints: Endpoints, deliveries: Deliveries) -> None:
    early, late = await an_endpoint(endpoints), await an_endpoint(endpoints, "e.2", 2)
    assert set(await endpoints.cursors()) == {"e.0", "e.2"}

    await deliveries.take("e.0", page(1, 3, "e.3"), NOW)
    await deliveries.take("e.2", page(3, 3, "e.3"), NOW)
    assert await endpoints.cursors() == ["e.3"]
    assert (await positions(deliveries, early), await positions(deliveries, late)) == ([1, 2, 3], [3])


async def test_a_disabled_endpoint_keeps_its_place_and_goes_on_from_it(
    endpoints: Endpoints, deliveries: Deliveries
) -> None:
    endpoint = await an_endpoint(endpoints)
    await endpoints.disable(endpoint.endpoint_id, Because.REQUESTED, NOW)
    assert await endpoints.cursors() == []
    assert await deliveries.take("e.0", page(1, 3, "e.3"), NOW) == 0

    await endpoints.enable(endpoint.endpoint_id)
    assert await endpoints.cursors() == ["e.0"]
    await deliveries.take("e.0", page(1, 3, "e.3"), NOW)
    assert await positions(deliveries, endpoint) == [1, 2, 3]


async def test_another_log_is_told_from_where_it_differs(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints, "e.1", 1)
    await deliveries.take("e.1", page(2, 5, "e.5"), NOW)

    await endpoints.begin_again("e.5", last_common=3)
    restored = page(1, 4, "f.4")
    anew = replace(restored.events[3], event_id="another-event")
    await deliveries.take(None, replace(restored, events=(*restored.events[:3], anew)), NOW)

    told = await deliveries.page(WantedDeliveries(endpoint.endpoint_id))
    assert [one.event_id for one in told] == ["event-2", "event-3", "event-4", "event-5", "another-event"]


async def test_an_endpoint_is_borrowed_by_one_at_a_time(endpoints: Endpoints) -> None:
    endpoint = await an_endpoint(endpoints)

    async def borrow(name: str, at: datetime = NOW) -> bool:
        return await endpoints.borrow(endpoint.endpoint_id, name, at, MINUTE) is not None

    assert sorted(await asyncio.gather(borrow("one"), borrow("two"))) == [False, True]
    await endpoints.give_back(endpoint.endpoint_id, "one")
    await endpoints.give_back(endpoint.endpoint_id, "two")
    assert await borrow("two")
    assert not await borrow("one", NOW + MINUTE / 2)
    assert await borrow("one", NOW + MINUTE)
    assert not await borrow("two", NOW + MINUTE)


async def test_who_came_back_too_late_changes_nothing(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints)
    await deliveries.take("e.0", page(1, 1, "e.1"), NOW)
    [delivery] = await deliveries.page(WantedDeliveries(endpoint.endpoint_id))
    refused = outcome(endpoint, delivery, Answer(500, "It answered 500."), POLICY, NOW, lambda: 0)
    taken = outcome(endpoint, delivery, Answer(204), POLICY, NOW, lambda: 0)
    await endpoints.borrow(endpoint.endpoint_id, "slow", NOW, MINUTE)
    await endpoints.borrow(endpoint.endpoint_id, "quick", NOW + MINUTE, MINUTE)

    assert await deliveries.record(delivery, taken, "quick", MINUTE)
    assert not await deliveries.record(delivery, refused, "slow", MINUTE)
    [kept] = await deliveries.page(WantedDeliveries(endpoint.endpoint_id))
    assert (kept.status, kept.attempts) == (DeliveryStatus.DELIVERED, 1)


async def test_only_what_is_due_and_not_resting_is_work(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints)
    await an_endpoint(endpoints, "e.1", 1)
    await deliveries.take("e.0", page(1, 2, "e.2"), NOW)
    assert await deliveries.endpoints_with_work(NOW - MINUTE) == []
    assert await deliveries.endpoints_with_work(NOW) == [endpoint.endpoint_id]

    await refuse_one(endpoints, deliveries, endpoint)
    assert await deliveries.endpoints_with_work(NOW) == []
    assert await deliveries.endpoints_with_work(NOW + timedelta(seconds=5)) == [endpoint.endpoint_id]


async def refuse_one(endpoints: Endpoints, deliveries: Deliveries, endpoint: Endpoint) -> Delivery:
    await endpoints.borrow(endpoint.endpoint_id, "me", NOW, MINUTE)
    delivery = await deliveries.due(endpoint.endpoint_id, NOW)
    assert delivery
    refused = outcome(endpoint, delivery, Answer(500, "It answered 500."), POLICY, NOW, lambda: 0)
    assert await deliveries.record(delivery, refused, "me", MINUTE)
    return delivery


async def test_what_came_to_an_end_is_forgotten_in_time(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints)
    await deliveries.take("e.0", page(1, 2, "e.2"), NOW)
    await endpoints.borrow(endpoint.endpoint_id, "me", NOW, MINUTE)
    first = await deliveries.due(endpoint.endpoint_id, NOW)
    assert first
    await deliveries.record(first, outcome(endpoint, first, Answer(204), POLICY, NOW, lambda: 0), "me", MINUTE)

    await deliveries.forget(NOW)
    assert await positions(deliveries, endpoint) == [1, 2]
    await deliveries.forget(NOW + MINUTE)
    assert await positions(deliveries, endpoint) == [2]


async def test_nobody_makes_endpoints_without_end(endpoints: Endpoints) -> None:
    made = [await an_endpoint(endpoints) for _ in range(10)]

    with pytest.raises(TooManyEndpointsError):
        await an_endpoint(endpoints)
    await endpoints.remove(made[0].endpoint_id)
    assert await endpoints.find((await an_endpoint(endpoints)).endpoint_id)


async def test_what_was_removed_in_the_same_moment_is_not_changed(endpoints: Endpoints) -> None:
    gone = (await an_endpoint(endpoints)).endpoint_id
    await endpoints.remove(gone)

    changed = (endpoints.enable(gone), endpoints.disable(gone, Because.REQUESTED, NOW), endpoints.rotate(gone, NOW))
    assert [await one for one in changed] == [None, None, None]


async def test_removed_with_everything(endpoints: Endpoints, deliveries: Deliveries) -> None:
    endpoint = await an_endpoint(endpoints)
    await deliveries.take("e.0", page(1, 2, "e.2"), NOW)

    await endpoints.remove(endpoint.endpoint_id)
    assert await endpoints.find(endpoint.endpoint_id) is None
    assert await positions(deliveries, endpoint) == []


def test_deadlines_narrow_what_is_told() -> None:
    interest = Interest(frozenset({"NoticeFiled", "DeadlineMissed"}), frozenset({"audit_submission"}))
    standing = Deadline("audit_submission", NOW.date(), "employer")

    assert wants(interest, event("NoticeFiled", {}, standing))
    assert wants(interest, event("DeadlineMissed", {"deadline": "audit_submission"}))
    assert not wants(interest, event("NoticeFiled"))
    assert not wants(interest, event("CaseHeld", {}, standing))
    assert wants(EVERYTHING, event("CaseHeld"))


async def test_the_installations_secret_stays_what_it_was(engine: AsyncEngine) -> None:
    made_up = await master_key(engine, "")

    assert (await master_key(engine, "")).derived("a") == made_up.derived("a") != made_up.derived("b")
    with pytest.raises(OtherSecretError):
        await master_key(engine, "another")


async def test_a_secret_of_the_operators_own_is_not_kept_in_the_database(engine: AsyncEngine) -> None:
    given = await master_key(engine, "of the operator")

    assert (await master_key(engine, "of the operator")).derived("a") == given.derived("a")
    with pytest.raises(OtherSecretError):
        await master_key(engine, "")
