"""The blocks of bash in docs/how-to do what the pages say, as they stand."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zipfile import ZipFile

from how_to.reader import DOCS, run
from workflow.api.life import a_life
from workflow.api.service import Service


def follow_page(
    service: Service,
    page: str,
    cwd: Path,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
    part: int = 0,
    **more: str,
) -> str:
    """What a person sees who types a block of a page (the first, or the one named) beside a fresh `make run`; `more` is
    what it asks to set, and `elsewhere` what of it stands at another place here.
    """
    blocks = re.findall(r"<!-- tested.*?-->\n```bash\n(.*?)```", (DOCS / "how-to" / page).read_text("utf-8"), re.DOTALL)
    callers = {"READER": service.reader, "STAFF": service.staff, "ADMIN": service.admin, "REVIEWER": service.reviewer}
    callers["INTEGRATION"] = service.integration
    (cwd / ".run").mkdir(exist_ok=True)
    (cwd / ".run" / "keys.env").write_text(
        "".join(f"{role}_KEY={caller.key}\n" for role, caller in callers.items()), "utf-8"
    )
    script = blocks[part].replace("http://127.0.0.1:8000", service.url)
    for there, here in elsewhere.items():
        script = script.replace(there, here)
    command, environment = ["bash", "-euo", "pipefail", "-c", script], {**os.environ, **more}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_following_the_feed_with_curl(service: Service, tmp_path: Path) -> None:
    a_life(service, "Trained")

    told = follow_page(service, "follow-the-feed.md", tmp_path)

    positions = [int(found) for found in re.findall(r'"position": ?(\d+)', told)]
    assert positions == [1, 2, 3, 3, 3]  # a page of two, the rest, the rest live, and the head


def test_three_years_go_by_for_an_employer_that_does_nothing(service: Service, tmp_path: Path) -> None:
    before = service.today

    told = follow_page(service, "three-years.md", tmp_path)

    assert (service.today - before).days in {36 * 30, 36 * 30 + 1}
    assert '"due_on"' in told
    assert "ca.go2hr.secor.EmployerRegistered" in told
    assert "ca.go2hr.secor.DeadlineMissed" in told


def test_many_commands_are_sent_at_once_and_the_wrong_one_again(service: Service, tmp_path: Path) -> None:
    told = [json.loads(line) for line in follow_page(service, "many-commands.md", tmp_path).splitlines()]

    assert [(one["status"], one.get("replayed", False)) for one in told] == [
        *((201, False), (422, False)),
        *((201, True), (201, False)),
    ]
    assert [error["pointer"] for error in told[1]["problem"]["errors"]] == ["/body/employer/headcount"]


def test_a_template_that_nobody_filled_in_is_told_of_cell_by_cell(service: Service, tmp_path: Path) -> None:
    told = json.loads(follow_page(service, "score-with-a-spreadsheet.md", tmp_path))

    assert [problem["cell"] for problem in told["problems"]] == [f"C{row}" for row in range(9, 17)]
    assert told["ready"] is False


def test_an_audit_is_led_to_handed_in_with_its_files_returned_corrected_and_passed(
    service: Service, tmp_path: Path
) -> None:
    led = run(service, "until_the_audit.py", service.new_account(), cwd=tmp_path, ADMIN_KEY=str(service.admin.key))
    assert led.returncode == 0, led.stderr
    path = led.stdout.strip()

    follow_page(service, "hand-in-an-audit.md", tmp_path, CASE=path)

    case, documents = service.staff.read(path), service.staff.read(f"{path}/documents")["items"]
    assert case["state"] == "AuditSubmitted"
    assert {score["earned"] for score in case["audit"]["scorecard"]} == {85}
    assert [(one["filename"], one["submitted"]) for one in documents] == [("audit.pdf", True), ("scorecard.xlsx", True)]

    follow_page(service, "review-an-audit.md", tmp_path, CASE=path)

    first, second = service.staff.read(f"{path}/audit/rounds")["items"]
    assert (first["outcome"], second["outcome"]) == ("returned", "passed")
    assert [replaced["kind"] for replaced in second["changes"]["documents_replaced"]] == ["scorecard"]
    with ZipFile(tmp_path / "package.zip") as package:
        assert {"manifest.json", "package.json"} < set(package.namelist())


def test_every_page_is_in_the_table_and_every_link_leads_somewhere() -> None:
    pages = sorted((DOCS / "how-to").glob("*.md"))
    index = (DOCS / "how-to" / "README.md").read_text("utf-8")
    for page in pages:
        assert page.name == "README.md" or f"({page.name})" in index
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
