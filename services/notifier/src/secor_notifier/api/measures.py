"""The notifier in numbers, for Prometheus."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from secor_notifier.api.measuring import Measured
from secor_notifier.api.metrics import METRICS
from secor_notifier.pulse import Pulse

EPOCH = date(1970, 1, 1)


def exposition(
    pulse: Pulse, connections: dict[str, int], measured: Measured | None, now: datetime, *, mail: bool
) -> bytes:
    """All metrics as they are at this moment; what is read from the ledger no restart loses."""
    registry = CollectorRegistry()
    registry.register(_Now(pulse, connections, measured, now, mail=mail))
    return generate_latest(REGISTRY) + generate_latest(registry)


class _Now(Collector):
    def __init__(
        self, pulse: Pulse, connections: dict[str, int], measured: Measured | None, now: datetime, *, mail: bool
    ) -> None:
        self._pulse, self._connections, self._measured, self._now, self._mail = pulse, connections, measured, now, mail

    def collect(self) -> Iterator[Family]:
        yield from self._of_the_process()
        if self._measured is not None:
            yield from self._of_reading(self._measured)
            yield from self._of_letters(self._measured)

    def _of_the_process(self) -> Iterator[Family]:
        pulse = self._pulse
        yield _one("active", bool(pulse.active))
        yield _one("trouble", pulse.trouble is not None)
        yield _one("database_up", self._measured is not None)
        yield _one("mail_up", self._mail)
        yield _one("last_pull_seconds", pulse.seconds_since_pull)
        yield _one("heartbeat_seconds", pulse.seconds_since_beat)
        yield _one("lag_seconds", self._age(pulse.behind_since))
        yield _several("errand_troubles", dict(pulse.troubles))
        yield _several("pool_connections", self._connections)

    def _of_reading(self, measured: Measured) -> Iterator[Family]:
        position, head = measured.bookmark.position, self._pulse.head_position
        yield _one("cursor_position", position)
        yield _one("head_lag", None if head is None else max(0, head - position))
        if balance := measured.balance:
            yield _one("reconciled_cases", balance.cases)
            yield _one("reconciliation_differences", balance.differences)
            yield _one("reconciled_on", (balance.on - EPOCH).days)

    def _of_letters(self, measured: Measured) -> Iterator[Family]:
        backlog, load = measured.backlog, measured.load
        yield _several("reminders", {status.value: number for status, number in backlog.by_status.items()})
        yield _several("reminders_to_mend", backlog.to_mend)
        yield _one("outbox_oldest_seconds", self._age(backlog.first_due_at))
        yield _one("webhook_deliveries_waiting", load.waiting)
        yield _several("webhook_endpoints", load.endpoints)

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self._now - since).total_seconds())


def _one(name: str, value: float | None) -> Family:
    """What is not known is not told."""
    return METRICS[name].family([] if value is None else [((), float(value))])


def _several(name: str, values: Mapping[str, int]) -> Family:
    return METRICS[name].family(((label,), float(value)) for label, value in values.items())
