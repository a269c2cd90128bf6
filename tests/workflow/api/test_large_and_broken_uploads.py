"""In a process of its own: the largest file takes little memory, and one that breaks off leaves nothing behind."""

import base64
import hashlib
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from feed.processes import Process, a_place, eventually
from loopback import NO_TLS
from secor_workflow.domain.policy import Policies
from workflow.api.life import employer_of, somebody
from workflow.files import pdf

MOST = Policies.load().editions[-1].documents.max_bytes.value
MEGABYTE = 1_000_000
QUERY = {"kind": "supporting", "filename": "paper.pdf"}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    home = tmp_path_factory.mktemp("home")
    with Process(a_place(home, f"sqlite:///{home / 'workflow.db'}")) as running:
        yield running


@pytest.fixture(scope="module")
def staff(process: Process) -> Iterator[httpx.Client]:
    with process.client("STAFF") as client:
        yield client


@pytest.fixture(scope="module")
def documents(staff: httpx.Client) -> str:
    """Where a case's documents are handed in."""
    body = {"employer": employer_of("20000001"), "contact": somebody(), "terms_accepted": True}
    return f"{staff.post('/v1/cases', json=body).headers['location']}/documents"


def raw_headers(content: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:"}


def grows_by(process: Process, what: Callable[[], httpx.Response]) -> int:
    """How many bytes more than before the process held at the height of it."""
    status, clear = Path(f"/proc/{process.pid}/status"), Path(f"/proc/{process.pid}/clear_refs")

    def kilobytes(name: str) -> int:
        (line,) = [line for line in status.read_text("ascii").splitlines() if line.startswith(name)]
        return int(line.split()[1])

    clear.write_text("5", "ascii")  # from here on the kernel notes the height anew
    before = kilobytes("VmRSS")
    answer = what()
    assert answer.is_success, answer.text
    return (kilobytes("VmHWM") - before) * 1024


def test_the_largest_file_comes_and_goes_in_little_memory(
    process: Process, staff: httpx.Client, documents: str
) -> None:
    staff.post(documents, data={"kind": "supporting"}, files={"file": ("small.pdf", pdf())}).raise_for_status()
    form, raw = pdf("as a form", MOST), pdf("as bytes", MOST)

    def hand_in_a_form() -> httpx.Response:
        return staff.post(documents, data={"kind": "supporting"}, files={"file": ("large.pdf", form)})

    def hand_in_bytes() -> httpx.Response:
        return staff.post(documents, params=QUERY, content=raw, headers=raw_headers(raw))

    def download() -> httpx.Response:
        content = staff.get(documents).json()["items"][-1]["content"]
        answer = staff.get(content)
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(raw).digest()
        return answer

    for moved in (hand_in_a_form, hand_in_bytes, download):
        assert grows_by(process, moved) < 20 * MEGABYTE, moved.__name__


def begun(process: Process, staff: httpx.Client, documents: str, content: bytes) -> socket.socket:
    """A connection over which half of a file came so far."""
    url = httpx.URL(process.url)
    connection = socket.create_connection((url.host, url.port or 80), timeout=10)
    headers = {"Host": url.netloc.decode(), "Authorization": staff.headers["authorization"]}
    headers |= raw_headers(content) | {"Content-Length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    target = f"{documents}?kind=supporting&filename=paper.pdf"
    connection.sendall(f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + content[: len(content) // 2])
    return connection


def kept(process: Process) -> set[Path]:
    return {path for path in (process.at.home / "documents").rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", [False, True])
def test_that_there_is_no_room_for_a_file_is_said(
    process: Process, staff: httpx.Client, documents: str, *, form: bool
) -> None:
    before, content = staff.get(documents).json(), pdf("no room", 12_000_000)
    room = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (8_000_000, resource.RLIM_INFINITY))
    try:
        if form:
            answer = staff.post(documents, data={"kind": "supporting"}, files={"file": ("paper.pdf", content)})
        else:
            answer = staff.post(documents, params=QUERY, content=content, headers=raw_headers(content))
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, room)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "room" in answer.json()["detail"]
    assert process.log_says("TMPDIR")
    assert staff.get(documents).json() == before


def test_an_upload_that_breaks_off_leaves_no_document(process: Process, staff: httpx.Client, documents: str) -> None:
    before, bytes_before = staff.get(documents).json(), kept(process)
    uploads = 'secor_workflow_requests_total{method="POST",route="/v1/cases/{case_id}/documents",status="400"}'

    begun(process, staff, documents, pdf("never whole", 3_000_000)).close()

    eventually(lambda: uploads in httpx.get(f"{process.url}/metrics", verify=NO_TLS).text)
    assert staff.get(documents).json() == before
    assert kept(process) == bytes_before
    assert not process.log_says("Traceback")


def test_a_service_that_is_killed_amid_an_upload_knows_nothing_of_it(
    process: Process, staff: httpx.Client, documents: str
) -> None:
    before, bytes_before = staff.get(documents).json(), kept(process)
    with begun(process, staff, documents, pdf("never whole", 3_000_000)):
        process.kill()

    process.start()

    assert staff.get(documents).json() == before
    assert kept(process) == bytes_before
    whole = pdf("never whole", 3_000_000)
    assert staff.post(documents, params=QUERY, content=whole, headers=raw_headers(whole)).status_code == 201
