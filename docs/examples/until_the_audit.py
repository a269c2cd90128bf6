"""Leads a new case of a sandbox to the day after its audit, and writes the files that are then handed in."""

import os
import sys
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from openpyxl import load_workbook

CODE, EARNED = 1, 3
PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""


def client(key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {os.environ[key]}"}
    return httpx.Client(base_url=os.environ["WORKFLOW_URL"], headers=headers, timeout=60)


def granted(answer: httpx.Response) -> dict[str, Any]:
    """What the service says; or its own words on why not."""
    said: dict[str, Any] = answer.json()
    if answer.is_error:
        raise SystemExit(f"{said['code']}: {said['detail']}")
    return said


def until_the_audit(staff: httpx.Client, admin: httpx.Client, account: str) -> str:
    """Every step is staff's here; employers, training providers and the clock take most of them otherwise."""

    def do(command: str, **body: object) -> None:
        granted(staff.post(f"{case}/commands/{command}", json=body))

    employer = {
        "legal_name": "Blue Heron Inn Ltd.",
        "worksafebc_account": account,
        "classification_units": ["761056"],
        "headcount": 12,
    }
    contact = {"name": "Morgan Reed", "email": "morgan@example.com"}
    registered = granted(
        staff.post("/v1/cases", json={"employer": employer, "contact": contact, "terms_accepted": True})
    )
    case = f"/v1/cases/{registered['case']['case_id']}"
    today = date.fromisoformat(granted(admin.get("/v1/sandbox/clock"))["today"])
    elements = granted(staff.get("/v1/policy"))["elements"]

    do("name-champion", person={"name": "Robin Marsh", "email": "robin@example.com"}, employment="permanent")
    do("record-training", course="secor-internal-auditor", completed_on=today.isoformat())
    do("record-self-assessment", elements=[{"code": element["code"], "status": "in_place"} for element in elements])
    do("declare-sms")
    starts_on, ends_on = (today + timedelta(days=days) for days in (14, 15))
    days = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    do("file-notice", audit_kind="certification", **days, sites=[{"name": "Main house", "city": "Tofino"}])
    granted(admin.put("/v1/sandbox/clock", json={"advance": "P16D"}))
    return case


def fill_in(template: bytes, points: int, file: Path) -> None:
    """Each element with so many points; its row begins with its code."""
    workbook = load_workbook(BytesIO(template))
    sheet = workbook["Scorecard"]
    first = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, CODE).value == "management")
    for row in range(first, sheet.max_row + 1):
        if sheet.cell(row, CODE).value in {None, "Total"}:
            break
        sheet.cell(row, EARNED).value = points
    workbook.save(file)


def main(account: str) -> None:
    with client("STAFF_KEY") as staff, client("ADMIN_KEY") as admin:
        case = until_the_audit(staff, admin, account)
        template = staff.get("/v1/scorecard-template.xlsx").raise_for_status().content
    Path("audit.pdf").write_bytes(PDF)
    fill_in(template, 85, Path("scorecard.xlsx"))
    fill_in(template, 95, Path("corrected.xlsx"))
    sys.stdout.write(f"{case}\n")


if __name__ == "__main__":
    main(sys.argv[1])
