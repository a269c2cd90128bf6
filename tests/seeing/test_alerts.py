"""Alerts and dashboards ask for what the running services tell, and each alert leads to its run-book."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from secor_notifier.api import metrics as notifier
from secor_workflow.api import metrics as workflow

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules" / "alerts.yml"
ALERTS: dict[str, Any] = {
    rule["alert"]: rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]
}
NAMED = re.compile(r"\b(secor_[a-z_]+|process_[a-z_]+|up)\b")
SELECTED = re.compile(r"\b(secor_[a-z_]+)\{([^}]*)\}")
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
SCRAPED = {"instance", "job"}
"""Labels that Prometheus puts on by itself."""


def told() -> dict[str, set[str]]:
    """Every series that a query may name, with its labels."""
    found: dict[str, set[str]] = {}
    metrics: list[workflow.Metric | notifier.Metric] = [*workflow.METRICS.values(), *notifier.METRICS.values()]
    for metric in metrics:
        labels = {*metric.labels, *SCRAPED}
        names = [metric.full_name]
        if metric.kind == "histogram":
            names = [f"{metric.full_name}_{part}" for part in ("bucket", "sum", "count")]
            labels |= {"le"}
        found |= dict.fromkeys(names, labels)
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Of every alert and every panel, with where it stands."""
    for name, rule in ALERTS.items():
        yield name, rule["expr"]
    for file in sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{file.name}: {panel['title']}", target["expr"]


def test_each_query_asks_for_what_is_told_by_labels_that_it_has() -> None:
    known = told()
    for where, query in queries():
        names = set(NAMED.findall(re.sub(r"\{[^}]*\}|by \([^)]*\)", "", query)))
        assert names, where
        assert names <= known.keys() | OF_PROMETHEUS, where
        for name, chosen in SELECTED.findall(query):
            assert set(re.findall(r"(\w+)\s*[=!]", chosen)) <= known[name], where
        for grouped in re.findall(r"by \(([^)]*)\)", query):
            labels = set(re.split(r",\s*", grouped))
            assert all(labels <= known[name] for name in names & known.keys()), where


def test_each_panel_of_a_dashboard_has_its_own_place() -> None:
    for file in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"):
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in json.loads(file.read_text())["panels"]]
        assert len(places) == len(set(places))


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_is_wrong_how_bad_it_is_and_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["for"]
    assert rule["annotations"]["summary"].endswith(".")

    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    runbooks = (ROOT / page).read_text("utf-8").partition("\n## Alerts\n")[2]
    assert anchor == alert.casefold()
    assert f"\n### {alert}\n" in runbooks


def test_every_run_book_is_an_alerts() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("\n## Alerts\n")[2].partition("\n## ")[0]

    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == list(ALERTS)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_alerts_go_off_when_they_should_and_not_before() -> None:
    tests = Path(__file__).with_name("alerts.test.yml")
    for what, file in (("check", RULES), ("test", tests)):
        done = subprocess.run(["promtool", what, "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
