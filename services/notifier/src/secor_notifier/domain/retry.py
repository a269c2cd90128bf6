"""When to try a letter again that could not be handed over."""

from datetime import datetime, timedelta

from secor_notifier.domain.rules import Retry


def next_attempt(retry: Retry, attempts: int, now: datetime) -> datetime | None:
    """The time of the next attempt after so many failed ones; nothing when it is time to give up."""
    waited = sum((_pause(retry, number) for number in range(1, attempts)), timedelta(0))
    if waited >= retry.give_up_after:
        return None
    return now + _pause(retry, attempts)


def _pause(retry: Retry, attempt: int) -> timedelta:
    return retry.pauses[min(attempt, len(retry.pauses)) - 1]
