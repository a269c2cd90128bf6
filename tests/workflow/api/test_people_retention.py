"""Who was kept long enough is proposed for erasure, with the reason; nobody is erased by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from secor_workflow.cli.program import main
from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service


def proposals(service: Service, life: Life) -> dict[str, dict[str, Any]]:
    """Those of one case, by person."""
    return {one["person_id"]: one for one in _all(service) if one["case_id"] == life.case_id}


def _all(service: Service) -> Iterator[dict[str, Any]]:
    answer = service.admin.get("/v1/people/retention", params={"limit": 2})
    while True:
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        if answer.json()["next"] is None:
            return
        answer = service.admin.get(answer.links["next"]["url"])


def test_the_people_of_a_closed_case_are_kept_for_four_years(service: Service) -> None:
    life = a_life(service, "ChampionNamed")
    case, closed_on = life.case(), service.on(0)
    life.do("close", reason="inactive")
    service.live_through(4 * 365)
    assert proposals(service, life) == {}
    service.live_through(1)  # one of the years was a leap year

    found = proposals(service, life)

    assert found.keys() == {case["contact_id"], case["champion"]["person_id"]}
    assert {(one["because"], one["since"]) for one in found.values()} == {("case_closed", closed_on)}
    assert service.admin.get(f"/v1/people/{case['contact_id']}").status_code == 200
    erase = found[case["contact_id"]]["erase"]
    asked = {"reason": "Kept long enough.", "requested_by": "retention"}
    assert service.admin.post(erase, json=asked).status_code == 200
    assert proposals(service, life).keys() == {case["champion"]["person_id"]}


def test_who_has_long_had_no_part_in_an_open_case_is_proposed_and_who_has_is_not(service: Service) -> None:
    life = a_life(service, "ChampionNamed")
    before = life.case()
    life.do("replace-champion", person=somebody(), employment="owner", reason="She left.")
    life.do("update-employer", contact=somebody())
    left_on = service.on(0)
    service.live_through(364)
    assert proposals(service, life) == {}
    service.live_through(1)

    found = proposals(service, life)

    assert found.keys() == {before["contact_id"], before["champion"]["person_id"]}
    assert {(one["because"], one["since"]) for one in found.values()} == {("no_longer_named", left_on)}


def test_whoever_performed_the_audit_is_kept_with_it(service: Service) -> None:
    life = a_life(service, "QAPassed")
    auditor = life.case()["champion"]["person_id"]
    life.do("replace-champion", person=somebody(), employment="owner", reason="She left.")
    service.live_through(400)

    assert auditor not in proposals(service, life)


def test_only_an_admin_sees_them(service: Service) -> None:
    refused(service.staff.get("/v1/people/retention"), 403, "forbidden")
    refused(service.admin.get("/v1/people/retention", params={"cursor": "x"}), 400, "bad_cursor")


def test_the_command_line_lists_the_same(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    life = a_life(service, "Registered")
    contact = life.case()["contact_id"]
    life.do("close", reason="inactive")
    service.live_through(4 * 366)
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", service.settings.database)
    monkeypatch.setenv("WORKFLOW_DOCUMENTS_URL", service.settings.documents)
    monkeypatch.setenv("SECOR_SANDBOX", "1")

    told = CliRunner().invoke(main, ["people", "retention"]).output.replace("\n", " ")

    assert contact in told
    assert "Nothing was changed" in told
