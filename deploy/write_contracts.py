"""`make contracts`: writes contracts/ and the generated pages of docs/ from the code; `--check` only compares."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

ROOT = Path(__file__).parent.parent

os.environ["SECOR_SANDBOX"] = "1"  # the contract tells of the sandbox's routes too
HOME = tempfile.TemporaryDirectory(prefix="secor-contracts-")  # the services make folders there; gone with this process
os.environ["SECOR_HOME"] = HOME.name

import secor_notifier.main as notifier  # noqa: E402 (after the environment is set)
import secor_workflow.main as workflow  # noqa: E402
from access_table import access_page  # noqa: E402
from asyncapi import asyncapi  # noqa: E402
from commands_page import commands_page  # noqa: E402
from dashboards import dashboards  # noqa: E402
from licences import licences_page  # noqa: E402
from metrics_page import metrics_page  # noqa: E402
from pages import assumptions_page, machine_page  # noqa: E402
from secor_notifier.settings import Settings  # noqa: E402
from secor_workflow.domain.events import FACTS  # noqa: E402
from secor_workflow.log.envelope import schema_of  # noqa: E402
from settings_page import settings_page  # noqa: E402


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file, with what it should say."""
    contracts, docs = ROOT / "contracts", ROOT / "docs"
    workflow_app, notifier_app = workflow.create_app(), notifier.create_app(Settings())
    yield contracts / "workflow.openapi.json", _json(workflow_app.openapi())
    yield contracts / "notifier.openapi.json", _json(notifier_app.openapi())
    yield contracts / "events.asyncapi.yaml", yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120)
    for name in FACTS:
        yield contracts / "events" / f"{name}.v1.json", _json(schema_of(name))
    yield docs / "machine.md", machine_page()
    yield docs / "assumptions.md", assumptions_page()
    yield docs / "licences.md", licences_page()
    yield docs / "metrics.md", metrics_page()
    for name, text in dashboards():
        yield ROOT / "deploy" / "grafana" / "dashboards" / name, text
    yield docs / "access.md", access_page(workflow_app, notifier_app)
    yield docs / "settings.md", settings_page()
    yield docs / "commands.md", commands_page()


def _json(document: Any) -> str:  # noqa: ANN401 (any JSON)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def stale() -> list[Path]:
    """The files that are not what the code says."""
    return [path for path, text in generated() if not path.exists() or path.read_text("utf-8") != text]


def main() -> int:
    """Write what changed, or with `--check` say what would."""
    console = Console()
    if "--check" in sys.argv:
        found = stale()
        for path in found:
            console.print(f"[red]not current:[/] {path.relative_to(ROOT)}; run `make contracts`")
        return len(found) > 0
    for path, text in generated():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    console.print("contracts/ and the generated pages of docs/ are current.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
