"""What follows from an attempt: done, again later, given up; and for the endpoint: go on, rest, or disable it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from secor_notifier.webhooks.knock import Answer
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import Because, Delivery, DeliveryStatus, Endpoint

Chance = Callable[[], float]


@dataclass(frozen=True)
class Outcome:
    """What is written down after an attempt, of the delivery and of its endpoint."""

    answer: Answer
    at: datetime
    status: DeliveryStatus
    next_attempt_at: datetime | None
    failures: int
    failing_since: datetime | None
    not_before: datetime | None
    disable: Because | None = None

    @property
    def taken(self) -> bool:
        return self.status is DeliveryStatus.DELIVERED


def outcome(  # noqa: PLR0913 - the six things on which it rests
    endpoint: Endpoint, delivery: Delivery, answer: Answer, policy: WebhookPolicy, now: datetime, chance: Chance
) -> Outcome:
    """`chance` gives a number from 0 to 1."""
    if answer.error is None:
        return Outcome(answer, now, DeliveryStatus.DELIVERED, None, failures=0, failing_since=None, not_before=None)
    failures, since = endpoint.failures + 1, endpoint.failing_since or now
    again_at = None if answer.gone else _again(policy, delivery.attempts + 1, answer, now, chance)
    return Outcome(
        answer=answer,
        at=now,
        status=DeliveryStatus.PENDING if again_at else DeliveryStatus.FAILED,
        next_attempt_at=again_at,
        failures=failures,
        failing_since=since,
        # The others in line need not each find out by themselves that nobody answers.
        not_before=now + min(_pause(policy, failures, answer), policy.longest_pause),
        disable=_end(endpoint, answer, policy, failures, now - since),
    )


def _again(policy: WebhookPolicy, attempts: int, answer: Answer, now: datetime, chance: Chance) -> datetime | None:
    if attempts > len(policy.pauses):
        return None
    return now + _pause(policy, attempts, answer) * (1 + policy.jitter * chance())


def _pause(policy: WebhookPolicy, number: int, answer: Answer) -> timedelta:
    """As long as the schedule says, or as long as the receiver asks for, within the schedule's longest."""
    asked = min(timedelta(seconds=answer.retry_after), policy.pauses[-1])
    return max(policy.pauses[min(number, len(policy.pauses)) - 1], asked)


def _end(
    endpoint: Endpoint, answer: Answer, policy: WebhookPolicy, failures: int, failing_for: timedelta
) -> Because | None:
    if endpoint.disabled_at is not None:
        return None
    if answer.gone:
        return Because.GONE
    enough = failing_for >= policy.disable_after and failures >= policy.disable_after_failures
    return Because.FAILING if enough else None
