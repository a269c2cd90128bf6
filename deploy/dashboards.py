"""The generated dashboards for Grafana: what an operator asks, a panel each, from the metrics of both services."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS, WIDTH, HEIGHT, LOW = 3, 8, 8, 4
"""Of Grafana's grid of 24 columns; a row of single numbers is low."""
NO, YES = "red", "green"
YES_OR_NO = [{"type": "value", "options": {"0": {"text": "no", "index": 0}, "1": {"text": "yes", "index": 1}}}]


@dataclass(frozen=True)
class Panel:
    """A question, and one query for each line that answers it."""

    title: str
    queries: dict[str, str]
    """By what the line is called; `{{label}}` stands for a label's value."""
    unit: str = "none"
    """A whole number, if nothing else is said."""
    single: bool = False
    """One number, as it is now."""
    whether: bool = False
    """0 or 1, for no and yes."""
    many: bool = False
    """A label with many values makes many lines."""
    good_from: int | None = None
    """A single number below this is red."""
    bad_from: int | None = None
    """A single number from this on is orange."""
    says: str = ""


def _quantiles(metric: str, **more: str) -> dict[str, str]:
    chosen = ", ".join(f'{name}="{value}"' for name, value in more.items())
    rate = (
        f"sum by (le) (rate({metric}_bucket{{{chosen}}}[5m]))" if chosen else f"sum by (le) (rate({metric}_bucket[5m]))"
    )
    return {name: f"histogram_quantile({q}, {rate})" for name, q in (("half", 0.5), ("95 %", 0.95), ("99 %", 0.99))}


WORKFLOW = (
    Panel("Processes that answer", {"workflow": 'sum(up{job="workflow"})'}, single=True, good_from=1),
    Panel("Events in the log", {"head": "max(secor_workflow_head_position)"}, single=True),
    Panel(
        "Cases for which the clock is late",
        {"cases": "max(secor_workflow_clock_due_cases)"},
        single=True,
        bad_from=1,
        says="A few for a minute after midnight; else the clock stands still.",
    ),
    Panel("Commands", {"{{outcome}}": "sum by (outcome) (rate(secor_workflow_commands_total[5m]))"}, "ops"),
    Panel(
        "Accepted commands by kind",
        {"{{command}}": 'sum by (command) (increase(secor_workflow_commands_total{outcome="accepted"}[1h])) > 0'},
        many=True,
        says="In the hour before.",
    ),
    Panel(
        "Why commands are refused",
        {"{{code}}": "topk(10, sum by (code) (increase(secor_workflow_refusals_total[1h]))) > 0"},
        many=True,
        says="By the machine's guards, in the hour before.",
    ),
    Panel("Time to answer a POST", _quantiles("secor_workflow_request_seconds", method="POST"), "s"),
    Panel("Time to answer a GET", _quantiles("secor_workflow_request_seconds", method="GET"), "s"),
    Panel(
        "Answers by status",
        {"{{status}}": "sum by (status) (rate(secor_workflow_requests_total[5m]))"},
        "ops",
        many=True,
    ),
    Panel(
        "Events committed together",
        {
            "mean": "sum(rate(secor_workflow_append_batch_events_sum[5m])) / "
            "sum(rate(secor_workflow_append_batch_events_count[5m]))",
            "waiting": "sum(secor_workflow_append_queue)",
        },
        "short",
        says="Under load batches grow: the running commit is the only delay.",
    ),
    Panel("Time to commit a batch", _quantiles("secor_workflow_append_commit_seconds"), "s"),
    Panel("Time until a batch has the writers' lock", _quantiles("secor_workflow_append_lock_seconds"), "s"),
    Panel(
        "How far readers are behind",
        {"{{role}}": "max by (role) (secor_workflow_reader_lag_events)"},
        says="Of each role the slowest that asked within five minutes.",
    ),
    Panel(
        "How far readers are behind, as time", {"{{role}}": "max by (role) (secor_workflow_reader_lag_seconds)"}, "s"
    ),
    Panel("Live clients", {"{{instance}}": "secor_workflow_live_clients"}),
    Panel(
        "Problems told to callers",
        {"{{code}}": "topk(10, sum by (code) (increase(secor_workflow_problems_total[1h]))) > 0"},
        many=True,
        says="By the code in their answers, in the hour before.",
    ),
    Panel(
        "Commits that failed",
        {"{{instance}}": "increase(secor_workflow_append_failures_total[5m])"},
        says="Batches that the database did not take; callers were told to try again.",
    ),
    Panel(
        "Busy with computing",
        {"{{instance}}": 'rate(process_cpu_seconds_total{job="workflow"}[5m])'},
        "percentunit",
        says="Of one core, which is all that a process can use.",
    ),
    Panel("Deadlines overdue", {"{{deadline}}": "max by (deadline) (secor_workflow_deadlines_overdue)"}, many=True),
    Panel(
        "Connections to the database in use",
        {
            "{{instance}}": 'secor_workflow_pool_connections{state="in_use"}',
            "most": 'max(secor_workflow_pool_connections{state="most"})',
        },
    ),
    Panel("Memory", {"{{instance}}": 'process_resident_memory_bytes{job="workflow"}'}, "bytes"),
)

NOTIFIER = (
    Panel("Processes that answer", {"notifier": 'sum(up{job="notifier"})'}, single=True, good_from=1),
    Panel(
        "Events still to be read",
        {"events": "clamp_min(max(secor_workflow_head_position) - max(secor_notifier_cursor_position), 0)"},
        single=True,
    ),
    Panel("The mail server takes letters", {"mail": "max(secor_notifier_mail_up)"}, single=True, whether=True),
    Panel(
        "Letters sent in an hour",
        {"sent": 'clamp_min(max(delta(secor_notifier_reminders{status="sent"}[1h])), 0)'},
    ),
    Panel(
        "Letters by status",
        {"{{status}}": 'max by (status) (secor_notifier_reminders{status!~"sent|skipped"})'},
        many=True,
        says="But for those that were sent or skipped.",
    ),
    Panel("Letters that need somebody", {"{{why}}": "max by (why) (secor_notifier_reminders_to_mend)"}),
    Panel(
        "How long the first due letter has been waiting", {"oldest": "max(secor_notifier_outbox_oldest_seconds)"}, "s"
    ),
    Panel("Seconds since the feed answered", {"{{instance}}": "secor_notifier_last_pull_seconds"}, "s"),
    Panel("Seconds since it looked at what is due", {"{{instance}}": "secor_notifier_heartbeat_seconds"}, "s"),
    Panel("Behind the head of the log", {"seconds": "max(secor_notifier_lag_seconds)"}, "s"),
    Panel("Who reads and plans", {"{{instance}}": "secor_notifier_active"}, whether=True),
    Panel("Something is being waited out", {"{{instance}}": "secor_notifier_trouble"}, whether=True),
    Panel("Webhook deliveries that wait", {"deliveries": "max(secor_notifier_webhook_deliveries_waiting)"}),
    Panel("Webhook endpoints", {"{{state}}": "max by (state) (secor_notifier_webhook_endpoints)"}),
    Panel(
        "Trouble beside the letters",
        {"{{errand}}": "sum by (errand) (increase(secor_notifier_errand_troubles_total[1h]))"},
    ),
    Panel(
        "Plan and deadlines differ",
        {"cases": "max(secor_notifier_reconciliation_differences)", "compared": "max(secor_notifier_reconciled_cases)"},
    ),
    Panel(
        "Connections to the database in use",
        {
            "{{instance}}": 'secor_notifier_pool_connections{state="in_use"}',
            "most": 'max(secor_notifier_pool_connections{state="most"})',
        },
    ),
    Panel("Memory", {"{{instance}}": 'process_resident_memory_bytes{job="notifier"}'}, "bytes"),
)


def dashboards() -> Iterator[tuple[str, str]]:
    """Each file's name and text."""
    for name, panels in (("workflow", WORKFLOW), ("notifier", NOTIFIER)):
        yield f"{name}.json", json.dumps(_dashboard(name, panels), indent=2) + "\n"


def _dashboard(name: str, panels: tuple[Panel, ...]) -> dict[str, Any]:
    return {
        "uid": f"secor-{name}",
        "title": f"SECOR {name}",
        "tags": ["secor"],
        "schemaVersion": 41,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)  # the first row are single numbers
    targets = [
        {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for place, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number + 1,
        "type": "stat" if panel.single else "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": {
            "x": column * WIDTH,
            "y": LOW + (row - 1) * HEIGHT if row else 0,
            "w": WIDTH,
            "h": HEIGHT if row else LOW,
        },
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "options": _number() if panel.single else _lines(panel),
        "targets": targets,
    }


def _field(panel: Panel) -> dict[str, Any]:
    """Grafana's own default colours every number red from 80 on."""
    steps: list[dict[str, Any]] = [
        {"color": YES if panel.good_from is None and not panel.whether else NO, "value": None}
    ]
    steps += [{"color": YES, "value": panel.good_from or 1}] if panel.good_from or panel.whether else []
    steps += [{"color": "orange", "value": panel.bad_from}] if panel.bad_from else []
    field: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.unit == "none":
        field["decimals"] = 0
    if panel.whether:
        field |= {"max": 1, "mappings": YES_OR_NO}
    if not panel.single:
        shape = {"lineInterpolation": "stepAfter"} if panel.whether else {}
        field["color"] = {"mode": "palette-classic"}
        field["custom"] = {"lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": False, **shape}
    return field


def _number() -> dict[str, Any]:
    return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}


def _lines(panel: Panel) -> dict[str, Any]:
    legend: dict[str, Any] = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
    if panel.many:
        at_the_side = {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull"]}
        legend |= at_the_side | {"sortBy": "Last *", "sortDesc": True}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
