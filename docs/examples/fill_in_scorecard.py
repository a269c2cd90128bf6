"""Fills in the scorecard's template with points from elsewhere, and lets the service read it before it is handed in."""

import json
import os
import sys
from io import BytesIO
from pathlib import Path

import httpx
from openpyxl import load_workbook

FILE = Path("scorecard.xlsx")
CODE, EARNED, AVAILABLE = 1, 3, 4


def fill_in(template: bytes, points: dict[str, str]) -> None:
    """Each element's row, found by its code; `90/95` also says how many points there were to earn."""
    workbook = load_workbook(BytesIO(template))
    sheet = workbook["Scorecard"]
    for row in range(1, sheet.max_row + 1):
        earned, _, available = points.get(str(sheet.cell(row, CODE).value), "").partition("/")
        if earned:
            sheet.cell(row, EARNED).value = float(earned)
        if available:
            sheet.cell(row, AVAILABLE).value = float(available)
    workbook.save(FILE)


def main(case_id: str, points: dict[str, str]) -> None:
    with httpx.Client(
        base_url=os.environ["WORKFLOW_URL"], headers={"Authorization": f"Bearer {os.environ['STAFF_KEY']}"}, timeout=30
    ) as service:
        notice = service.get(f"/v1/cases/{case_id}").raise_for_status().json()["notice"]
        edition = {"on": notice["policy_version"]} if notice else {}  # an audit is scored by the policy of its notice
        fill_in(service.get("/v1/scorecard-template.xlsx", params=edition).raise_for_status().content, points)
        with FILE.open("rb") as file:
            answer = service.post(f"/v1/cases/{case_id}/scorecard:parse", files={"file": (FILE.name, file)})
    draft = answer.json()
    if answer.is_error:
        raise SystemExit(f"{draft['code']}: {draft['detail']}")
    for problem in draft["problems"]:
        sys.stderr.write(f"{problem['sheet']}!{problem['cell']}: {problem['detail']}\n")
    if not draft["ready"]:
        raise SystemExit(1)
    sys.stdout.write(json.dumps({name: draft[name] for name in ("total", "passes", "scorecard")}))


if __name__ == "__main__":
    main(sys.argv[1], dict(argument.split("=") for argument in sys.argv[2:]))
