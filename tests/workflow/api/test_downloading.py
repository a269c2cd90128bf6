"""A document comes back as it was handed in, whole or in part, to those who may see it and as nothing that runs."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import ROLES, Service
from workflow.files import PDF, pdf

CONTENT = pdf("Here is what we did, and what we shall do.", size=1000)
READERS = {"employer", "staff", "qa_reviewer", "integration", "admin"}


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


@pytest.fixture(scope="module")
def content(life: Life) -> str:
    """Where the bytes of a document are."""
    return str(life.document("supporting", CONTENT, "Überblick “2026”.pdf")["content"])


def stored(service: Service, life: Life, content: bytes) -> Path:
    """The file in which a document's bytes lie."""
    folder = Path(service.settings.documents.removeprefix("file://"))
    return folder / life.case_id / hashlib.sha256(content).hexdigest()


def test_it_comes_whole_as_an_attachment_that_may_do_nothing(life: Life, content: str) -> None:
    answer = life.employer.get(content)

    assert answer.status_code == 200
    assert answer.content == CONTENT
    digest = hashlib.sha256(CONTENT)
    headers = {
        "content-type": PDF,
        "content-length": "1000",
        "etag": f'"{digest.hexdigest()}"',
        "repr-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "accept-ranges": "bytes",
        "content-disposition": 'attachment; filename="_berblick _2026_.pdf"; '
        "filename*=UTF-8''%C3%9Cberblick%20%E2%80%9C2026%E2%80%9D.pdf",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-cache",
    }
    assert {name: answer.headers[name] for name in headers} == headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=400-499", 400, 499), ("bytes=-1", 999, 999), ("bytes=990-5000", 990, 999)],
)
def test_one_part_of_it_comes(life: Life, content: str, asked: str, first: int, last: int) -> None:
    answer = life.employer.get(content, headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/1000"
    assert answer.headers["content-length"] == str(last + 1 - first)
    assert answer.headers["etag"] == life.employer.head(content).headers["etag"]


def test_nothing_comes_from_beyond_the_end(life: Life, content: str) -> None:
    answer = life.employer.get(content, headers={"Range": "bytes=1000-"})

    assert "1000 bytes" in refused(answer, 416, "range_not_satisfiable")["detail"]
    assert answer.headers["content-range"] == "bytes */1000"


def test_a_download_that_broke_off_goes_on_only_if_the_document_is_still_the_same(life: Life, content: str) -> None:
    etag = life.employer.head(content).headers["etag"]

    rest = life.employer.get(content, headers={"Range": "bytes=500-", "If-Range": etag})
    anew = life.employer.get(content, headers={"Range": "bytes=500-", "If-Range": '"of another"'})

    assert (rest.status_code, rest.content) == (206, CONTENT[500:])
    assert (anew.status_code, anew.content) == (200, CONTENT)


def test_who_has_it_already_gets_nothing_again(life: Life, content: str) -> None:
    etag = life.employer.head(content).headers["etag"]

    answer = life.employer.get(content, headers={"If-None-Match": etag, "Range": "bytes=0-9"})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag


def test_its_headers_alone_come_too(life: Life, content: str) -> None:
    whole, head = life.employer.get(content), life.employer.head(content, headers={"Range": "bytes=0-9"})

    assert (head.status_code, head.content) == (200, b"")
    told = {"x-request-id", "date", "ratelimit"}
    assert {k: v for k, v in head.headers.items() if k not in told} == {
        k: v for k, v in whole.headers.items() if k not in told
    }


def test_so_do_those_of_what_is_told_of_it(life: Life, content: str) -> None:
    for place in (content.removesuffix("/content"), f"{life.path}/documents"):
        head = life.employer.head(place)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == life.employer.get(place).headers["content-length"]


@pytest.mark.parametrize("role", ["employer", *ROLES])
def test_it_comes_to_those_who_read_documents(life: Life, content: str, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)

    answer = caller.get(content)

    if role in READERS:
        assert answer.content == CONTENT
    else:
        refused(answer, 403, "forbidden")


def test_no_document_of_a_case_comes_to_another_employer_or_through_another_case(life: Life, content: str) -> None:
    stranger = a_life(life.service, "Registered")
    of_the_stranger = content.replace(life.case_id, stranger.case_id)

    for place in (content, content.removesuffix("/content"), f"{life.path}/documents"):
        refused(stranger.employer.get(place), 404, "not_found")
    refused(stranger.employer.get(of_the_stranger), 404, "not_found")
    refused(life.service.staff.get(of_the_stranger), 404, "not_found")
    refused(stranger.employer.get(f"{stranger.path}/documents/..%2F..%2F{life.case_id}/content"), 404, "not_found")


def test_bytes_that_are_gone_from_the_store_are_not_there_at_the_moment(service: Service, life: Life) -> None:
    document = life.document("supporting", pdf("lost"))
    stored(service, life, pdf("lost")).unlink()

    refused(life.employer.get(document["content"]), 503, "unavailable")
    refused(life.employer.get(document["content"], headers={"Range": "bytes=0-9"}), 503, "unavailable")


@pytest.mark.parametrize("size", [1_000, 2_000_000])
def test_nobody_takes_altered_bytes_for_the_document(service: Service, life: Life, size: int) -> None:
    """The little is not given at all; of the much the end is kept back, and the connection with it."""
    content = pdf(f"as it was, {size}", size)
    document = life.document("supporting", content)
    stored(service, life, content).write_bytes(content.replace(b"as it was", b"as it is "))

    try:
        answer = life.employer.get(document["content"])
    except httpx.RemoteProtocolError as error:
        assert "incomplete" in str(error) or "without sending complete" in str(error)  # noqa: PT017 (one of two endings)
    else:
        refused(answer, 503, "unavailable")
