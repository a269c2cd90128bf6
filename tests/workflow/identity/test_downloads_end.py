"""A download and the archive for WorkSafeBC are cut off soon after their credential has ended, and look cut off."""

import socket
import time
from collections.abc import Iterator

import pytest

from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.files import pdf

SIZE = 24 * 1024 * 1024
"""More than lies on the way between the service and a slow reader."""
SOON = 10.0
A_PIECE, A_BREATH = 128 * 1024, 0.02


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('service') / 'workflow.db'}") as running:
        yield running


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    """A case whose review is passed, with a large audit tool."""
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    audit = life.audit()
    large = life.document("audit_tool", pdf("large", size=SIZE), "large.pdf")
    audit["documents"] = [{"kind": large["kind"], "document_id": large["document_id"]}, audit["documents"][1]]
    life.do("submit-audit", life.employer, **audit)
    life.decide()
    return life


def read_slowly(service: Service, path: str, key_id: str, key: str) -> tuple[int, bool, float]:
    """How much came until it ended after its key was revoked, whether it ended in good order, and how soon."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, A_PIECE)
        connection.settimeout(SOON)
        connection.connect((host, int(port)))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        began = connection.recv(1024)
        assert began.startswith(b"HTTP/1.1 200")
        assert service.admin.delete(f"/v1/keys/{key_id}").status_code == 204
        revoked_at, count, last = time.monotonic(), len(began), began
        while piece := connection.recv(A_PIECE):
            count, last = count + len(piece), piece
            time.sleep(A_BREATH)  # a slow line
        return count, last.endswith(b"\r\n0\r\n\r\n"), time.monotonic() - revoked_at


@pytest.mark.parametrize("what", ["document", "archive"])
def test_it_is_cut_off_when_its_key_is_revoked(service: Service, life: Life, what: str) -> None:
    [document] = [one for one in life.case()["audit"]["documents"] if one["kind"] == "audit_tool"]
    content = f"{life.path}/documents/{document['document_id']}/content"
    path = content if what == "document" else f"{life.path}/worksafebc-package.zip"
    made = service.new_key("staff")

    count, in_good_order, seconds = read_slowly(service, path, made["key_id"], made["key"])

    assert count < SIZE
    assert not in_good_order
    assert seconds < SOON
