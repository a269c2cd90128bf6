"""What is wrong with an upload is said in a sentence, and nothing of it is kept: no document, no event, no bytes."""

import base64
import hashlib
import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import httpx
import pytest

from secor_workflow.domain.policy import Policies
from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.files import pdf, png, xlsx

MOST = Policies.load().editions[-1].documents.max_bytes.value


def kept(service: Service) -> list[Path]:
    """Everything that lies in the document store."""
    folder = Path(service.settings.documents.removeprefix("file://"))
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def life(service: Service) -> Iterator[Life]:
    """A case to which nothing is handed in, whatever is tried."""
    life = a_life(service, "Registered")
    bytes_before = kept(service)
    yield life
    assert life.case()["version"] == 1
    assert life.employer.read(f"{life.path}/documents") == {"items": [], "next": None}
    assert kept(service) == bytes_before


def raw(
    life: Life, content: bytes, digest_of: bytes | None = None, told: dict[str, str] | None = None
) -> httpx.Response:
    digest = base64.b64encode(hashlib.sha256(content if digest_of is None else digest_of).digest()).decode()
    headers = {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:", **(told or {})}
    query = {"kind": "supporting", "filename": "paper.pdf"}
    return life.employer.post(f"{life.path}/documents", params=query, content=content, headers=headers)


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "audit.pdf", "empty_file"),
        (b"Dear reviewer,", "audit.pdf", "media_type_not_allowed"),
        (b"<html><script>alert(1)</script></html>", "audit.pdf", "media_type_not_allowed"),
        (b"MZ\x90\x00" + bytes(100), "audit.pdf", "media_type_not_allowed"),
        (png(), "audit.pdf", "media_type_not_allowed"),
        (pdf(), "scores.xlsx", "media_type_not_allowed"),
        (zipped(note=b"x"), "scores.xlsx", "media_type_not_allowed"),
        (pdf()[:-10], "audit.pdf", "file_damaged"),
        (png()[:-12], "photo.png", "file_damaged"),
        (xlsx()[:-100], "scores.xlsx", "file_damaged"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(life: Life, content: bytes, name: str, code: str) -> None:
    problem = refused(life.hand_in("supporting", content, name), 422, code)

    assert len(problem["detail"].split()) > 5


def test_a_file_with_ten_thousand_files_in_it_is_refused(life: Life) -> None:
    many = zipped(**{"[Content_Types].xml": b"<Types/>"}, **{f"xl/{number}.xml": b"" for number in range(10_000)})

    refused(life.hand_in("supporting", many, "scores.xlsx"), 422, "archive_too_large")


def test_bytes_that_are_not_those_of_the_digest_are_refused(life: Life) -> None:
    refused(raw(life, pdf("changed on its way"), digest_of=pdf("as it was sent")), 422, "digest_mismatch")
    refused(raw(life, pdf()[:100], digest_of=pdf()), 422, "digest_mismatch")


def test_a_form_that_is_not_that_of_its_digest_is_refused(life: Life) -> None:
    digest = base64.b64encode(hashlib.sha256(b"another form").digest()).decode()

    refused(life.hand_in(headers={"Content-Digest": f"sha-256=:{digest}:"}), 422, "digest_mismatch")


def test_of_two_digests_the_last_one_counts(life: Life) -> None:
    right, wrong = (base64.b64encode(hashlib.sha256(content).digest()).decode() for content in (pdf(), b"another"))

    told = {"Content-Digest": f"sha-256=:{right}:, sha-256=:{wrong}:"}
    refused(raw(life, pdf(), told=told), 422, "digest_mismatch")


@pytest.mark.parametrize("digest", ["", "sha-256", "sha-256=abc", "sha-256=:abc:", "md5=:AAAA:", "sha-256=:%%%:"])
def test_a_digest_in_no_form_that_it_may_have_is_refused(life: Life, digest: str) -> None:
    refused(raw(life, pdf(), told={"Content-Digest": digest}), 400, "bad_header")


def test_bytes_alone_need_kind_name_and_digest(life: Life) -> None:
    path, headers = f"{life.path}/documents", {"Content-Type": "application/octet-stream"}

    problem = refused(life.employer.post(path, content=pdf(), headers=headers), 422, "invalid_request")
    assert [error["pointer"] for error in problem["errors"]] == ["/kind", "/filename"]
    query = {"kind": "supporting", "filename": "paper.pdf"}
    said = refused(life.employer.post(path, params=query, content=pdf(), headers=headers), 400, "bad_header")
    assert "Content-Digest" in said["detail"]


Form = dict[str, tuple[str | None, bytes, str] | tuple[str | None, bytes]]


@pytest.mark.parametrize(
    ("form", "at"),
    [
        ({"kind": (None, b"supporting")}, ["/file"]),
        ({"file": ("a.pdf", pdf())}, ["/kind"]),
        ({"kind": ("a.txt", b"supporting"), "file": ("a.pdf", pdf())}, ["/kind"]),
        ({"kind": (None, b"supporting"), "file": (None, pdf())}, ["/file"]),
        ({"kind": (None, b"supporting"), "file": ("a.pdf", pdf()), "more": (None, b"x")}, ["/more"]),
        ({"kind": (None, b"no kind!"), "file": ("a.pdf", pdf())}, ["/kind"]),
        ({"kind": (None, b"\xff\xfe"), "file": ("a.pdf", pdf())}, ["/kind"]),
    ],
)
def test_a_form_has_just_its_two_parts(life: Life, form: Form, at: list[str]) -> None:
    problem = refused(life.employer.post(f"{life.path}/documents", files=form), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == at


def test_a_part_is_there_once(life: Life) -> None:
    twice = [("kind", (None, b"supporting")), ("file", ("a.pdf", pdf())), ("file", ("b.pdf", pdf("b")))]

    problem = refused(life.employer.post(f"{life.path}/documents", files=twice), 422, "invalid_request")
    assert "more than once" in problem["detail"]


def test_a_form_says_its_kind_itself(life: Life) -> None:
    answer = life.employer.post(
        f"{life.path}/documents?kind=supporting", data={"kind": "audit_tool"}, files={"file": ("a.pdf", pdf())}
    )
    refused(answer, 422, "invalid_request")


BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "multipart/form-data"}, b"--b--", 400),
        (BOUNDARY, b"no form at all", 400),
        (BOUNDARY, b"--b\r\n\r\nno name\r\n--b--\r\n", 400),
        (BOUNDARY, b"", 422),
        (BOUNDARY, b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1', 422),
        ({"Content-Type": "application/json"}, b'{"kind": "supporting"}', 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"kind=supporting", 415),
        ({}, b"%PDF-", 415),
    ],
)
def test_a_body_that_is_no_upload_is_refused(life: Life, headers: dict[str, str], body: bytes, status: int) -> None:
    refused(life.employer.post(f"{life.path}/documents", content=body, headers=headers), status)


@pytest.mark.parametrize(("charset", "name"), [("utf-7", b"+2AA-"), ("raw_unicode_escape", rb"\ud800")])
def test_a_name_that_no_answer_could_repeat_is_refused(life: Life, charset: str, name: bytes) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\nx\r\n--b--\r\n' % name
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}

    refused(life.employer.post(f"{life.path}/documents", content=body, headers=headers), 400, "bad_request")


def test_a_document_of_a_kind_nobody_knows_is_refused(life: Life) -> None:
    problem = refused(life.hand_in("holiday_photo"), 409, "unknown_document_kind")

    assert "audit_tool" in problem["detail"]


DIGEST = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
BYTES = {"Content-Type": "application/octet-stream", "Content-Digest": DIGEST}
QUERY = {"kind": "supporting", "filename": "paper.pdf"}


def begun_only(life: Life, size: int, by: httpx.Client | None = None) -> dict[str, Any]:
    """The answer to an upload of which nothing but the headers is ever sent."""
    url = httpx.URL(life.service.url)
    headers = {"Host": url.netloc.decode(), "Authorization": (by or life.employer).headers["authorization"]}
    headers |= BYTES | {"Content-Length": str(size), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        connection.sendall(f"POST {life.path}/documents?{urlencode(QUERY)} HTTP/1.1\r\n{head}\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    problem: dict[str, Any] = json.loads(received.partition(b"\r\n\r\n")[2])
    return problem


def test_a_file_that_is_too_large_is_refused_before_it_comes(life: Life) -> None:
    problem = begun_only(life, MOST + 1)

    assert (problem["status"], problem["code"]) == (413, "document_too_large")
    assert str(MOST) in problem["detail"]


def test_who_may_not_is_told_so_before_the_file_comes(life: Life) -> None:
    assert begun_only(life, 1000, by=life.service.reader)["code"] == "role_not_allowed"


def test_that_it_is_too_late_is_said_before_the_file_comes(service: Service) -> None:
    problem = begun_only(a_life(service, "Closed"), 1000)

    assert (problem["status"], problem["code"]) == (409, "not_now")


def test_a_file_that_turns_out_too_large_is_refused(life: Life) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [bytes(1024 * 1024)] * (MOST // 1024**2 + 1)

    answer = life.employer.post(f"{life.path}/documents", params=QUERY, content=pieces(), headers=BYTES)

    refused(answer, 413, "document_too_large")
