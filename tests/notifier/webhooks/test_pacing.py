"""When a delivery is tried again, when it has failed, and when its endpoint is disabled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from secor_notifier.webhooks.knock import Answer
from secor_notifier.webhooks.pacing import Outcome, outcome
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import Because, Delivery, DeliveryStatus, Endpoint, Interest

NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)
POLICY = WebhookPolicy.read()
TAKEN, REFUSED, GONE = Answer(204), Answer(500, "It answered 500."), Answer(410, "It answered 410.")


def endpoint(failures: int = 0, since: datetime | None = None, disabled_at: datetime | None = None) -> Endpoint:
    return Endpoint(
        endpoint_id="e",
        owner="o",
        url="https://hooks.example/",
        interest=Interest(frozenset("*")),
        description=None,
        made_at=NOW,
        nonces=("n",),
        previous_until=None,
        position=0,
        disabled_at=disabled_at,
        disabled_because=None,
        failures=failures,
        failing_since=since,
    )


def delivery(attempts: int) -> Delivery:
    return Delivery(
        seq=1,
        delivery_id="d",
        endpoint_id="e",
        event_id="v",
        event_type="NoticeFiled",
        position=1,
        case_id="c",
        body="{}",
        status=DeliveryStatus.PENDING,
        made_at=NOW,
        attempts=attempts,
        next_attempt_at=NOW,
        last_attempt_at=None,
        last_status=None,
        last_error=None,
        delivered_at=None,
    )


def after(answer: Answer, attempts: int = 0, of: Endpoint | None = None, chance: float = 0) -> Outcome:
    return outcome(of or endpoint(), delivery(attempts), answer, POLICY, NOW, lambda: chance)


def test_pauses_grow_and_end() -> None:
    pauses = [after(REFUSED, attempts).next_attempt_at for attempts in range(len(POLICY.pauses) + 1)]

    assert [None if at is None else at - NOW for at in pauses] == [*POLICY.pauses, None]
    assert after(REFUSED, len(POLICY.pauses)).status is DeliveryStatus.FAILED


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 300), (0.5, 330), (1.0, 360)])
def test_chance_makes_a_pause_longer_by_a_fifth_at_most(chance: float, seconds: int) -> None:
    assert after(REFUSED, 1, chance=chance).next_attempt_at == NOW + timedelta(seconds=seconds)


def test_a_receiver_may_ask_for_a_longer_pause_but_not_for_ever() -> None:
    assert after(Answer(429, "busy", 600)).next_attempt_at == NOW + timedelta(seconds=600)
    assert after(Answer(429, "busy", 10**8)).next_attempt_at == NOW + POLICY.pauses[-1]


def test_an_endpoint_that_fails_gets_a_rest_of_an_hour_at_most() -> None:
    assert after(REFUSED).not_before == NOW + timedelta(seconds=5)
    assert after(REFUSED, of=endpoint(failures=50, since=NOW)).not_before == NOW + POLICY.longest_pause


def test_one_success_makes_up_for_all_failures() -> None:
    came_of_it = after(TAKEN, 3, endpoint(failures=9, since=NOW - timedelta(days=4)))

    assert came_of_it.taken
    assert (came_of_it.failures, came_of_it.failing_since, came_of_it.not_before) == (0, None, None)


def test_after_days_of_nothing_but_failures_it_is_disabled() -> None:
    almost = endpoint(failures=9, since=NOW - POLICY.disable_after + timedelta(seconds=1))
    over = endpoint(failures=9, since=NOW - POLICY.disable_after)

    assert after(REFUSED, of=almost).disable is None
    assert after(REFUSED, of=over).disable is Because.FAILING
    assert after(TAKEN, of=over).disable is None


def test_an_outage_of_our_own_disables_nobody() -> None:
    once = endpoint(failures=1, since=NOW - timedelta(days=30))

    assert after(REFUSED, of=once).disable is None
    assert after(REFUSED, of=replace(once, failures=POLICY.disable_after_failures - 1)).disable is Because.FAILING


def test_gone_disables_at_once_and_is_not_tried_again() -> None:
    came_of_it = after(GONE)

    assert (came_of_it.status, came_of_it.next_attempt_at) == (DeliveryStatus.FAILED, None)
    assert came_of_it.disable is Because.GONE
