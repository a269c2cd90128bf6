"""All metrics as text: what the libraries count, what is kept as plain numbers, and what the database says just now."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool

from secor_workflow.api.measuring import Measured
from secor_workflow.api.metrics import METRICS
from secor_workflow.domain.roads import BY_WISH
from secor_workflow.handler import Handler
from secor_workflow.log.log import Log
from secor_workflow.tallies import Spread


def exposition(handler: Handler, log: Log, measured: Measured | None) -> bytes:
    """All metrics as they are at this moment."""
    registry = CollectorRegistry()
    registry.register(_Now(handler, log, measured))
    return generate_latest() + generate_latest(registry)


class _Now(Collector):
    """What is kept as plain numbers, and what the database said just now."""

    def __init__(self, handler: Handler, log: Log, measured: Measured | None) -> None:
        self._handler, self._log, self._measured = handler, log, measured

    def collect(self) -> Iterator[Family]:
        yield from self._of_commands()
        yield from self._of_appends()
        if self._measured is not None:
            yield from self._of_the_log(self._measured)

    def _of_commands(self) -> Iterator[Family]:
        tally = self._handler.tally
        outcomes = (((BY_WISH[wish].slug, outcome), count) for (wish, outcome), count in tally.outcomes.items())
        yield _family("commands", outcomes)
        yield _family("refusals", (((code,), count) for code, count in tally.refusals.items()))

    def _of_appends(self) -> Iterator[Family]:
        queue, pool = self._log.queue, self._log.engine.pool
        yield _spread("append_batch_events", queue.tally.sizes)
        yield _spread("append_lock_seconds", queue.tally.lock_seconds)
        yield _spread("append_commit_seconds", queue.tally.commit_seconds)
        yield _family("append_failures", [((), queue.tally.failures)])
        yield _family("append_queue", [((), queue.waiting)])
        if isinstance(pool, QueuePool):
            yield _family("pool_connections", (((state,), count) for state, count in _states(pool)))
        yield _family("replica_reads", [((), self._log.replica.answered if self._log.replica else 0)])
        yield _family("database_up", [((), self._measured is not None)])

    def _of_the_log(self, measured: Measured) -> Iterator[Family]:
        yield _family("head_position", [((), measured.head)])
        yield _family("clock_due_cases", [((), measured.due)])
        yield _family("deadlines_overdue", (((name,), count) for name, count in measured.overdue.items()))
        yield _family("reader_lag_events", (((role,), lag) for role, (lag, _) in measured.lag.items()))
        yield _family("reader_lag_seconds", (((role,), seconds) for role, (_, seconds) in measured.lag.items()))


def _states(pool: QueuePool) -> Iterator[tuple[str, int]]:
    yield "in_use", pool.checkedout()
    yield "idle", pool.checkedin()
    yield "most", pool.size() + pool._max_overflow  # noqa: SLF001 (the pool tells it nowhere else)


def _family(name: str, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    metric = METRICS[name]
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.full_name, metric.meaning, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family


def _spread(name: str, spread: Spread) -> Family:
    metric = METRICS[name]
    family = HistogramMetricFamily(metric.full_name, metric.meaning)
    family.add_metric((), list(spread.buckets()), spread.total)
    return family
