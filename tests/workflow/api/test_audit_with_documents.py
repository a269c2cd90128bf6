"""An audit from its first file to WorkSafeBC, through HTTP alone: on a folder, and on a real S3 server."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.buckets import S3Server
from workflow.files import pdf, png, xlsx


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="module", params=["folder", "bucket"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service on a store of each kind."""
    home = tmp_path_factory.mktemp("service")
    url = (home / "kept").as_uri() if request.param == "folder" else request.getfixturevalue("s3").url
    with Service(f"sqlite:///{home / 'workflow.db'}", documents_url=url) as running:
        yield running


def as_named(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"kind": document["kind"], "document_id": document["document_id"]} for document in documents]


def test_upload_submit_return_resubmit_with_a_changed_scorecard_decide_package(service: Service) -> None:
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    tool = life.document("audit_tool", pdf("The audit.", size=6_000_000), "audit.pdf")
    photo = life.document("supporting", png(), "stairs.png")
    wrong, right = xlsx(("hazards", 70)), xlsx(("hazards", 80))
    first = life.document("scorecard", wrong, "scorecard.xlsx")
    audit = life.audit() | {"documents": as_named(tool, first, photo)}
    life.do("submit-audit", life.employer, **audit)
    life.assign_reviewer()
    assert service.reviewer.get(first["content"]).content == wrong
    life.do("return-audit", service.reviewer, notes=[{"text": "80, as I see it.", "element": "hazards"}])

    second = life.document("scorecard", right, "scorecard.xlsx")
    (note,) = life.case()["audit"]["notes"]
    answers = [{"note_id": note["note_id"], "text": "So it is."}]
    life.do("resubmit-audit", life.employer, **audit | {"documents": as_named(tool, second, photo)}, answers=answers)
    life.do("decide-qa", service.reviewer)

    there = {one["document_id"]: one for one in service.reviewer.read(f"{life.path}/documents")["items"]}
    assert all(there[one["document_id"]]["submitted"] for one in (tool, photo, first, second))
    _, changed = service.reviewer.read(f"{life.path}/audit/rounds")["items"]
    assert first["sha256"] in str(changed["changes"])
    assert second["sha256"] in str(changed["changes"])
    package = service.integration.read(f"{life.path}/worksafebc-package")
    digests = [tool["sha256"], second["sha256"], photo["sha256"]]
    assert [document["sha256"] for document in package["documents"]] == digests
    archive = ZipFile(io.BytesIO(service.integration.get(f"{life.path}/worksafebc-package.zip").content))
    packed = [archive.read(name) for name in archive.namelist() if name.startswith("documents/")]
    assert {*packed} == {pdf("The audit.", size=6_000_000), right, png()}
    for document, content in ((first, wrong), (second, right)):
        assert service.reviewer.get(document["content"]).content == content


def test_a_large_file_comes_in_parts_too(service: Service) -> None:
    content = pdf("Many pages.", size=6_000_000)
    document = a_life(service, "Registered").document("supporting", content)

    rest = service.staff.get(document["content"], headers={"Range": "bytes=5999000-"})

    assert (rest.status_code, rest.content) == (206, content[5_999_000:])


@pytest.fixture
def away(service: Service, request: pytest.FixtureRequest) -> Iterator[None]:
    """The store does not answer; afterwards it does, with what it had."""
    url = service.settings.documents
    if url.startswith("s3:"):
        server: S3Server = request.getfixturevalue("s3")
        server.stop()
        yield
        server.start()
    else:
        folder = Path(url.removeprefix("file://"))
        aside = folder.with_name("aside")
        folder.rename(aside)
        folder.write_text("no folder", "utf-8")
        yield
        folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)


@pytest.fixture
def life_with_document(service: Service) -> tuple[Life, dict[str, Any]]:
    life = a_life(service, "Registered")
    return life, life.document()


def test_while_the_store_is_away_nothing_is_half_written(
    life_with_document: tuple[Life, dict[str, Any]], away: None
) -> None:
    life, document = life_with_document
    key = {"Idempotency-Key": str(uuid4())}

    problem = refused(life.hand_in("supporting", pdf("new"), headers=key), 503, "unavailable")
    assert "store" in problem["detail"]
    refused(life.employer.get(document["content"]), 503, "unavailable")
    refused(life.employer.get(document["content"], headers={"Range": "bytes=0-9"}), 503, "unavailable")

    assert [one["document_id"] for one in life.employer.read(f"{life.path}/documents")["items"]] == [
        document["document_id"]
    ]
    assert life.do("place-hold", reason="The work goes on.")["case"]["version"] == 3


def test_what_was_refused_while_the_store_was_away_is_taken_afterwards(
    life_with_document: tuple[Life, dict[str, Any]],
) -> None:
    life, document = life_with_document

    assert life.hand_in("supporting", pdf("new")).status_code == 201
    assert life.employer.get(document["content"]).status_code == 200
