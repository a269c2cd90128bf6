"""The package for WorkSafeBC as an archive: the documents that were submitted, and a manifest to check them by."""

import asyncio
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from secor_workflow.database.engine import open_engine
from secor_workflow.documents.condition import Conditions, Verdict
from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service

PASSED, ERASED = "QAPassed", {"reason": "asked to"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Iterator[Service]:
    database = tmp_path_factory.mktemp("service") / "workflow.db"
    with Service(f"sqlite:///{database}", documents_url=kept.as_uri()) as running:
        yield running


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    """A case whose review is passed; these tests change nothing about it."""
    return a_life(service, PASSED)


def archive(life: Life, **headers: str) -> httpx.Response:
    return life.service.staff.get(f"{life.path}/worksafebc-package.zip", headers=headers)


def opened(answer: httpx.Response) -> tuple[ZipFile, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    unzipped = ZipFile(io.BytesIO(answer.content))
    assert unzipped.testzip() is None
    return unzipped, json.loads(unzipped.read("manifest.json"))


def path_of(kept: Path, life: Life, digest: str) -> Path:
    return kept / life.case_id / digest


def test_it_holds_what_was_submitted_and_a_manifest_of_it(life: Life) -> None:
    answer = archive(life)

    unzipped, manifest = opened(answer)

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="worksafebc-package-{life.case_id}.zip"'
    documents = life.service.staff.read(f"{life.path}/documents")["items"]
    assert [
        {name: entry[name] for name in ("document_id", "kind", "sha256", "size", "media_type")}
        for entry in manifest["documents"]
    ] == [
        {name: document[name] for name in ("document_id", "kind", "sha256", "size", "media_type")}
        for document in documents
    ]
    for entry, document in zip(manifest["documents"], documents, strict=True):
        content = life.service.staff.get(document["content"]).content
        assert unzipped.read(entry["path"]) == content
        assert sha256(content).hexdigest() == entry["sha256"]
    assert unzipped.namelist() == [
        "package.json",
        "manifest.json",
        "documents/01-audit_tool.pdf",
        "documents/02-scorecard.xlsx",
    ]


def test_the_details_in_it_are_those_that_are_read_alone(life: Life) -> None:
    unzipped, manifest = opened(archive(life))
    details = unzipped.read("package.json")
    assert json.loads(details) == life.service.staff.read(f"{life.path}/worksafebc-package")
    assert manifest["package_sha256"] == sha256(details).hexdigest()


def test_the_details_pin_each_document_by_its_digest(life: Life) -> None:
    documents = life.service.staff.read(f"{life.path}/documents")["items"]
    pinned = life.service.staff.read(f"{life.path}/worksafebc-package")["documents"]
    assert pinned == [
        {name: document[name] for name in ("kind", "document_id", "sha256", "size", "media_type")}
        for document in documents
    ]


def test_it_is_the_same_bytes_each_time(life: Life) -> None:
    first, second = archive(life), archive(life)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]


def test_who_has_it_already_is_told_so(life: Life) -> None:
    had = archive(life).headers["etag"]
    assert archive(life, **{"If-None-Match": had}).status_code == 304


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "integration", "admin", "notifier"])
def test_who_may_read_the_details_may_have_it(life: Life, role: str) -> None:
    assert life.service.of_role(role).get(f"{life.path}/worksafebc-package.zip").status_code == 200


def test_no_other_may(life: Life) -> None:
    path = f"{life.path}/worksafebc-package.zip"
    refused(life.service.reader.get(path), 403, "forbidden")
    refused(life.employer.get(path), 403, "forbidden")
    refused(life.service.nobody.get(path), 401, "unauthenticated")


def test_there_is_none_before_the_review_is_passed(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    refused(archive(life), 404, "not_found")
    refused(
        service.staff.get("/v1/cases/0195c1d0-5ec0-7000-8000-000000000001/worksafebc-package.zip"), 404, "not_found"
    )


def test_an_erased_document_is_named_and_not_there(service: Service) -> None:
    life = a_life(service, PASSED)
    before = archive(life).headers["etag"]
    tool, _ = service.staff.read(f"{life.path}/documents")["items"]
    service.admin.post(f"{life.path}/documents/{tool['document_id']}:erase", json=ERASED).raise_for_status()

    answer = archive(life)
    unzipped, manifest = opened(answer)

    assert unzipped.namelist() == ["package.json", "manifest.json", "documents/02-scorecard.xlsx"]
    (gone, there) = manifest["documents"]
    assert (gone["document_id"], gone["erased"], gone["path"]) == (tool["document_id"], True, None)
    assert (there["erased"], there["path"]) == (False, "documents/02-scorecard.xlsx")
    assert answer.headers["etag"] != before


def test_an_infected_document_keeps_the_package_back(service: Service) -> None:
    life = a_life(service, PASSED)
    tool, _ = service.staff.read(f"{life.path}/documents")["items"]

    async def found_by_the_scanner() -> None:
        engine = open_engine(service.settings.database)
        await Conditions(engine).note_scan(UUID(life.case_id), tool["sha256"], Verdict.INFECTED, datetime.now(UTC))
        await engine.dispose()

    asyncio.run(found_by_the_scanner())
    refused(archive(life), 409, "document_infected")


def test_missing_bytes_are_said_before_anything_is_sent(service: Service, kept: Path) -> None:
    life = a_life(service, PASSED)
    tool, _ = service.staff.read(f"{life.path}/documents")["items"]
    path_of(kept, life, tool["sha256"]).unlink()
    refused(archive(life), 503, "unavailable")


def test_altered_bytes_are_not_taken_for_a_whole_archive(service: Service, kept: Path) -> None:
    life = a_life(service, PASSED)
    tool, _ = service.staff.read(f"{life.path}/documents")["items"]
    path = path_of(kept, life, tool["sha256"])
    altered = bytearray(path.read_bytes())
    altered[20] ^= 1
    path.write_bytes(altered)
    with pytest.raises(httpx.RemoteProtocolError):
        archive(life)
