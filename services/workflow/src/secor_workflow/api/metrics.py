"""What the service counts and tells Prometheus; every label has few values, and none holds an id or a name."""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from secor_workflow.api.catalogue import CATALOGUE


@dataclass(frozen=True)
class Metric:
    """One of them, as it is documented."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """As a query names it; a histogram's parts have `_bucket`, `_sum` and `_count` behind it."""
        return f"secor_workflow_{self.name}{'_total' if self.kind == 'counter' else ''}"


METRICS = {
    metric.name: metric
    for metric in (
        Metric("requests", "counter", "Requests answered.", ("method", "route", "status")),
        Metric("request_seconds", "histogram", "Time until an answer began.", ("method", "route")),
        Metric("problems", "counter", "Problems told to callers, by code.", ("code",)),
        Metric("live_clients", "gauge", "Clients that listen to the live feed of this process."),
        Metric(
            "commands",
            "counter",
            "Commands by what became of them: accepted, replayed, tried (a dry run), refused, stale, busy, key_reused, "
            "unknown_case, failed (the database did not take it, or the caller went away).",
            ("command", "outcome"),
        ),
        Metric("refusals", "counter", "Guards that refused a command; one command may meet several.", ("code",)),
        Metric("refusals_dropped", "counter", "Refusals that were too many to be kept on record."),
        Metric("append_batch_events", "histogram", "Events that were committed together."),
        Metric("append_lock_seconds", "histogram", "Time that a batch waited for a connection and the writers' lock."),
        Metric("append_commit_seconds", "histogram", "Time from having the lock until the batch was durable."),
        Metric("append_failures", "counter", "Batches that the database did not take."),
        Metric("append_queue", "gauge", "Events that wait for the commit that is running."),
        Metric("pool_connections", "gauge", "Connections to the database: in use, idle, most.", ("state",)),
        Metric("replica_reads", "counter", "Reads that the standby of `WORKFLOW_REPLICA_URL` took off the primary."),
        Metric("database_up", "gauge", "1 if the database answered while this was asked."),
        Metric("head_position", "gauge", "The last position of the log."),
        Metric("clock_due_cases", "gauge", "Cases on which the clock is to act and has not yet; 1000 stands for more."),
        Metric(
            "deadlines_overdue",
            "gauge",
            "Deadlines that were missed and are open still; of at most 1000 cases, the longest overdue.",
            ("deadline",),
        ),
        Metric(
            "reader_lag_events",
            "gauge",
            "Events by which the slowest reader of the feed is behind, of those of a role who asked this process for "
            "a page within five minutes.",
            ("role",),
        ),
        Metric(
            "reader_lag_seconds", "gauge", "The same as time: how old the first event is that it has not.", ("role",)
        ),
    )
}

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began is nobody's question, and would be a series for each


def _counter(metric: Metric) -> Counter:
    return Counter(metric.full_name, metric.meaning, metric.labels)


REQUESTS = _counter(METRICS["requests"])
SECONDS = Histogram(
    METRICS["request_seconds"].full_name,
    METRICS["request_seconds"].meaning,
    METRICS["request_seconds"].labels,
    buckets=_BUCKETS,
)
_PROBLEMS = _counter(METRICS["problems"])
PROBLEMS = {code: _PROBLEMS.labels(code) for code in CATALOGUE}
"""Bound once: a look-up for each answer would cost more than the counting."""
LISTENERS = Gauge(METRICS["live_clients"].full_name, METRICS["live_clients"].meaning)
