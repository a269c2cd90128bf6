"""Where the oldest part of the log was taken out, readers of the feed are told so, and whoever asks for a case."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner, Result

from databases import PostgresServer
from feed.commands import Employer
from secor_workflow.cli.program import main
from workflow.api.caller import Caller, refused
from workflow.api.life import somebody
from workflow.api.service import Service
from workflow.template import WORKFLOW

ARCHIVE = "secor-events-000000000001-000000000010.ndjson"
FORMS = ("application/cloudevents-batch+json", "application/x-ndjson", "text/event-stream")


def partitions(service: Service, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["partitions", *arguments], env={"WORKFLOW_DATABASE_URL": service.settings.database}
    )


@pytest.fixture
def service(postgres: PostgresServer) -> Iterator[Service]:
    database = WORKFLOW.create_database(postgres)
    with Service(postgres.url(database)) as running:
        yield running
    postgres.drop_database(database)


def test_a_log_is_cut_archived_and_made_whole_again_beside_the_running_service(
    service: Service, tmp_path: Path
) -> None:
    closed = Employer(service.staff)
    assert [closed.do_next() for _ in range(3)] == [1, 2, 3]
    assert partitions(service, "prepare", "--size", "10").exit_code == 0
    while closed.do_next() < 9:
        pass
    assert service.staff.post(f"{closed.path}/commands/close", json={"reason": "duplicate"}).is_success
    going_on = Employer(service.staff)
    assert [going_on.do_next() for _ in range(3)] == [11, 12, 13]
    whole = service.reader.get("/v1/events", params={"limit": 100}).content
    epoch = service.reader.read("/v1/events/head")["cursor"].partition(".")[0]

    said = partitions(service, "detach", str(tmp_path))

    assert (said.exit_code, ARCHIVE in said.output) == (0, True), said.output
    for cursor in ("", f"{epoch}.9"):
        for form in FORMS:
            asked = service.reader.get("/v1/events", params={"after": cursor}, headers={"Accept": form})
            told = refused(asked, 410, "archived")
            assert (told["archives"], told["last_common"]) == ([ARCHIVE], f"{epoch}.10")
    read_on = service.reader.read("/v1/events", after=f"{epoch}.10")
    assert [event["position"] for event in read_on] == [11, 12, 13]
    assert refused(service.reader.get("/v1/events/pages/1"), 404)["archives"] == [ARCHIVE]
    for answer in (
        service.staff.get(closed.path),
        service.staff.get(f"{closed.path}/events"),
        service.staff.post(f"{closed.path}/commands/record-standing", json={"good": True, "as_of": "2026-01-05"}),
    ):
        assert ARCHIVE in refused(answer, 404, "case_archived")["detail"]
    assert going_on.do_next() == 14
    assert ARCHIVE in partitions(service, "list").output

    assert partitions(service, "attach", str(tmp_path / ARCHIVE)).exit_code == 0

    assert service.reader.get("/v1/events", params={"limit": 13}).content == whole
    assert service.staff.read(closed.path)["state"] == "Closed"


def test_who_may_not_see_a_case_is_not_told_that_it_was_archived(service: Service, tmp_path: Path) -> None:
    closed = Employer(service.staff)
    partitions(service, "prepare", "--size", "10")
    while closed.do_next() < 9:
        pass
    assert service.staff.post(f"{closed.path}/commands/close", json={"reason": "duplicate"}).is_success
    assert Employer(service.staff).do_next() == 11
    assert partitions(service, "detach", str(tmp_path)).exit_code == 0
    case_id = closed.path.rpartition("/")[2]
    standing: dict[str, object] = {"person": somebody(), "employment": "owner"}

    def asked(path: str, case_id: str, by: Caller) -> list[httpx.Response]:
        line = {"command": "name-champion", "case_id": case_id, "body": standing}
        as_lines = {"Content-Type": "application/x-ndjson"}
        return [
            by.get(path),
            by.get(f"{path}/events"),
            by.get(f"{path}/documents"),
            by.get(f"{path}/commands"),
            by.post(f"{path}/commands/name-champion", json=standing),
            by.post("/v1/commands:batch", content=json.dumps(line), headers=as_lines),
        ]

    def codes(answers: list[httpx.Response]) -> set[str]:
        return {answer.json().get("problem", answer.json())["code"] for answer in answers}

    other, owner = service.new_employer(service.new_account()), service.new_employer(closed.account)
    nobodys = str(uuid4())
    assert codes(asked(closed.path, case_id, other)) == {"not_found"}
    assert codes(asked(f"/v1/cases/{nobodys}", nobodys, other)) == {"not_found"}
    assert codes(asked(closed.path, case_id, owner)) == {"case_archived"}


def test_who_looks_after_it_is_told_in_a_sentence_what_cannot_be(service: Service, tmp_path: Path) -> None:
    said = partitions(service, "detach", str(tmp_path))
    assert (said.exit_code, "partitions prepare" in said.output) == (1, True)
    partitions(service, "prepare", "--size", "10", "--ahead", "1")
    employer = Employer(service.staff)
    while employer.do_next() < 8:
        pass

    few = partitions(service, "list")

    assert (few.exit_code, "little room left" in few.output) == (1, True)
    assert partitions(service, "prepare", "--size", "10").exit_code == 0
    assert partitions(service, "list").exit_code == 0
    while employer.do_next() < 11:
        pass
    said = partitions(service, "detach", str(tmp_path))
    assert (said.exit_code, "Cases that are open" in said.output) == (1, True)


def test_sqlite_has_no_partitions(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    WORKFLOW.begin(url)

    said = CliRunner().invoke(main, ["partitions", "prepare"], env={"WORKFLOW_DATABASE_URL": url})

    assert (said.exit_code, "SQLite has no partitions" in said.output) == (2, True)
