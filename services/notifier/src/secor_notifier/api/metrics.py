"""What the notifier tells Prometheus; every label has few values, and none holds an id or a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family


@dataclass(frozen=True)
class Metric:
    """One of them, as it is documented."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    kind: Literal["counter", "gauge"] = "gauge"

    @property
    def full_name(self) -> str:
        """As a query names it."""
        return f"secor_notifier_{self.name}{'_total' if self.kind == 'counter' else ''}"

    def family(self, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
        kind = CounterMetricFamily if self.kind == "counter" else GaugeMetricFamily
        family = kind(self.full_name, self.meaning, labels=self.labels)
        for labels, value in samples:
            family.add_metric(labels, value)
        return family


METRICS = {
    metric.name: metric
    for metric in (
        Metric("active", "1 if this process reads the log and plans; all of them send."),
        Metric("trouble", "1 while something is being waited out."),
        Metric("database_up", "1 if the database answered while this was asked."),
        Metric("mail_up", "1 if the mail server took a greeting within the last half minute."),
        Metric("cursor_position", "Position of the last event read."),
        Metric("head_lag", "Events between the log's head and us, when it was last reached."),
        Metric("lag_seconds", "How old the last event was that was read; 0 at the log's head."),
        Metric("last_pull_seconds", "Seconds since the feed last answered this process."),
        Metric("heartbeat_seconds", "Seconds since the worker last looked at what is due."),
        Metric("reminders", "Reminders by status, all that there ever were.", ("status",)),
        Metric("reminders_to_mend", "Letters that need somebody, at most 500: dead, unknown, came_back.", ("why",)),
        Metric("outbox_oldest_seconds", "How long the letter that is longest due has been waiting; 0 if none is."),
        Metric("webhook_deliveries_waiting", "Webhook deliveries still to be made."),
        Metric("webhook_endpoints", "Webhook endpoints by state.", ("state",)),
        Metric("reconciled_cases", "Cases compared by the last daily reconciliation."),
        Metric("reconciliation_differences", "Cases in which plan and deadlines differed then."),
        Metric("reconciled_on", "The day of the last daily reconciliation, as days since 1970."),
        Metric("errand_troubles", "Rounds of work beside the letters that met trouble.", ("errand",), "counter"),
        Metric("pool_connections", "Connections to the database: in use, idle, most.", ("state",)),
    )
}
