"""The notifier in numbers, for Prometheus."""

from datetime import date

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from secor_notifier.ledger import Bookmark, Status
from secor_notifier.ledger.balances import Balance
from secor_notifier.pulse import Pulse
from secor_notifier.webhooks.courier import Load

EPOCH = date(1970, 1, 1)


def exposition(
    pulse: Pulse, bookmark: Bookmark, counts: dict[Status, int], balance: Balance | None, load: Load
) -> bytes:
    """All metrics as they are at this moment; read from the ledger, so that a restart loses none."""
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, value: float) -> None:
        Gauge(f"secor_notifier_{name}", meaning, registry=registry).set(value)

    gauge("cursor_position", "Position of the last event read", bookmark.position)
    gauge("active", "1 if this process reads and sends", bool(pulse.active))
    gauge("trouble", "1 while something is being waited out", pulse.trouble is not None)
    if pulse.head_position is not None:
        gauge("head_lag", "Events between the log's head and us", max(0, pulse.head_position - bookmark.position))
    if pulse.seconds_since_pull is not None:
        gauge("last_pull_seconds", "Seconds since the feed last answered", pulse.seconds_since_pull)
    if pulse.seconds_since_beat is not None:
        gauge("heartbeat_seconds", "Seconds since the worker last looked at what is due", pulse.seconds_since_beat)
    if balance is not None:
        gauge("reconciled_cases", "Cases compared by the last daily reconciliation", balance.cases)
        gauge("reconciliation_differences", "Cases in which plan and deadlines differed then", balance.differences)
        gauge(
            "reconciled_on", "The day of the last daily reconciliation, as days since 1970", (balance.on - EPOCH).days
        )
    reminders = Gauge("secor_notifier_reminders", "Reminders by status", ["status"], registry=registry)
    for status, number in counts.items():
        reminders.labels(status=status.value).set(number)
    gauge("webhook_deliveries_waiting", "Webhook deliveries still to be made", load.waiting)
    endpoints = Gauge("secor_notifier_webhook_endpoints", "Webhook endpoints by state", ["state"], registry=registry)
    for state, number in load.endpoints.items():
        endpoints.labels(state=state).set(number)
    return generate_latest(registry)
