"""The generated page of docs/: every metric of both services."""

from collections.abc import Iterable, Iterator

from pages import GENERATED
from secor_notifier.api import metrics as notifier
from secor_workflow.api import metrics as workflow

PAGE = """\
# Metrics

{generated}
Both services tell them at `/metrics`, each process for itself, without a key. No label holds an id or a name, and
each has few values. What a metric says about the log or the ledger is the same from every process: take the `max`.
What it says about a process is added up, or looked at by `instance`. Asking is cheap: at most a page is read for it,
and an answer that took long is kept for a multiple of that time. Without a database the metrics are told too, and
`…_database_up` is 0.

[Alerts](../deploy/prometheus/rules/alerts.yml) and [dashboards](../deploy/grafana/dashboards) are built on these; each
alert has its run-book in [operations.md](operations.md#alerts).

## The workflow

{workflow}

## The notifier

{notifier}

Besides, both tell the `process_…` and `python_…` metrics of the Prometheus client: memory, CPU time, open files.
"""

Row = tuple[str, str, tuple[str, ...], str]


def metrics_page() -> str:
    """The page."""
    return PAGE.format(
        generated=GENERATED,
        workflow=_table((m.full_name, m.kind, m.labels, m.meaning) for m in workflow.METRICS.values()),
        notifier=_table((m.full_name, m.kind, m.labels, m.meaning) for m in notifier.METRICS.values()),
    )


def _table(rows: Iterable[Row]) -> str:
    return "\n".join(["| metric | kind | labels | meaning |", "|---|---|---|---|", *_lines(rows)])


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    for name, kind, labels, meaning in rows:
        yield f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {meaning} |"
