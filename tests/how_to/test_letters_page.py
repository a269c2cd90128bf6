"""The page on looking after letters, followed as it stands beside both services."""

import json
from pathlib import Path

from how_to.reader import DOCS, beside
from how_to.test_shell_pages import follow_page
from workflow.api.service import Service

RULES = "services/notifier/src/secor_notifier/domain/rules.toml"


def test_letters_are_looked_after(service: Service, notifier: str, tmp_path: Path) -> None:
    here = {**beside(notifier), RULES: str(DOCS.parent / RULES)}

    told = follow_page(service, "look-after-letters.md", tmp_path, here)

    for part in ('"cause":"silenced"', '"delivery_status":"4.2.2"', '"status":"planned"', '"in_force":false'):
        assert part in told, part
    (case,) = service.staff.read("/v1/cases")["items"]
    contact_id = service.staff.read(f"/v1/cases/{case['case_id']}")["contact_id"]
    assert service.staff.read(f"/v1/people/{contact_id}")["email"] == "morgan.reed@example.com"
    simulated = json.loads(told.splitlines()[-1][told.splitlines()[-1].rindex('{"cases"') :])
    assert simulated == {"cases": 1, "added": 0, "removed": 0, "moved": 0, "items": [], "next": None}
    assert "stale_after_days = 90" in (tmp_path / "rules.toml").read_text("utf-8")
