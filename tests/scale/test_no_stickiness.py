"""Whichever process a request reaches, it is answered as if there were only one: two of them, asked in turn."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from databases import PostgresServer
from feed.commands import Employer
from scale.members import a_workflow, client, new_keys
from secor_workflow.domain.context import Role
from workflow.files import pdf
from workflow.identity.four_eyes import four_eyes
from workflow.template import WORKFLOW

ACTORS = (("clerk", Role.STAFF), ("root", Role.ADMIN), ("second", Role.ADMIN))
GOOD = {"good": True, "as_of": "2026-01-05"}
Clients = tuple[httpx.Client, httpx.Client]


@dataclass(frozen=True)
class Two:
    """Clients of each actor, at the one process and at the other."""

    clerk: Clients
    root: Clients
    second: Clients
    urls: tuple[str, str]


@pytest.fixture(scope="module")
def two(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    database = WORKFLOW.create_database(postgres)
    url, folder = postgres.url(database), tmp_path_factory.mktemp("shared")
    keys = new_keys(url, *ACTORS)
    shared = {"documents_url": (folder / "documents").as_uri(), "policy_file": str(four_eyes(folder))}
    with ExitStack() as stack:
        one, other = (stack.enter_context(a_workflow(url, **shared)) for _ in range(2))

        def of(actor: str) -> Clients:
            first, second = (stack.enter_context(client(member.url, keys[actor])) for member in (one, other))
            return first, second

        yield Two(of("clerk"), of("root"), of("second"), (one.url, other.url))
    postgres.drop_database(database)


def registered(by: httpx.Client) -> str:
    """The path of a new case."""
    employer = Employer(by)
    employer.do_next()
    return employer.path


def remark(by: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return by.post(f"{path}/commands/record-standing", json=GOOD, headers=headers)


def test_a_request_that_one_process_has_done_the_other_answers_as_done(two: Two) -> None:
    here, there = two.clerk
    path, key = registered(here), {"Idempotency-Key": str(uuid4())}

    first, again = remark(here, path, **key), remark(there, path, **key)

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["event"] == first.json()["event"]


def test_the_same_request_at_both_at_once_is_done_once(two: Two) -> None:
    here, there = two.clerk
    path = registered(here)
    with ThreadPoolExecutor(2) as both:
        for number in range(10):
            key = {"Idempotency-Key": f"{path}-{number}"}
            start = threading.Barrier(2)

            def send(by: httpx.Client, key: dict[str, str] = key, start: threading.Barrier = start) -> httpx.Response:
                start.wait()
                return remark(by, path, **key)

            answers = [answer.result() for answer in [both.submit(send, by) for by in (here, there)]]
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["event"]["id"] for answer in answers}) == 1

    assert there.get(path).json()["version"] == 11


def test_a_version_is_the_same_at_both(two: Two) -> None:
    """Also to a process that remembers the case as it was when it wrote it last."""
    here, there = two.clerk
    path = registered(here)
    assert remark(there, path).json()["case"]["version"] == 2

    assert remark(here, path, **{"If-Match": '"1"'}).status_code == 412
    assert remark(here, path, **{"If-Match": '"2"'}).json()["case"]["version"] == 3
    assert remark(there, path, **{"If-Match": '"2"'}).status_code == 412
    assert remark(there, path, **{"If-Match": '"3"'}).json()["case"]["version"] == 4


def test_what_one_has_written_the_other_shows_at_once(two: Two) -> None:
    here, there = two.clerk
    path = registered(here)
    for writer, reader in ((here, there), (there, here)) * 5:
        told = remark(writer, path).json()["case"]
        shown = reader.get(path, params={"min_position": told["position"]}).json()
        assert (shown["version"], shown["position"]) == (told["version"], told["position"])


def test_what_was_handed_in_at_one_is_given_out_by_the_other(two: Two) -> None:
    here, there = two.clerk
    path, content = registered(here), pdf("shared")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    headers = {"Content-Type": "application/pdf", "Content-Digest": f"sha-256=:{digest}:"}
    query = {"kind": "supporting", "filename": "notes.pdf"}
    added = here.post(f"{path}/documents", params=query, content=content, headers=headers)
    assert added.status_code == 201, added.text

    assert there.get(f"{added.headers['location']}/content").content == content


def test_asked_for_at_one_approved_at_the_other_and_done_at_the_first(two: Two) -> None:
    body = {"role": "admin", "name": "for the weekend"}
    asked = two.root[0].post("/v1/keys", json=body)
    assert asked.status_code == 202, asked.text

    approved = two.second[1].post(f"/v1/approvals/{asked.json()['approval_id']}:approve")

    assert approved.status_code == 200, approved.text
    assert two.root[0].post("/v1/keys", json=body).status_code == 201


def test_a_key_opens_both_from_when_it_is_made_and_none_from_when_it_is_revoked(two: Two) -> None:
    made = two.root[0].post("/v1/keys", json={"role": "staff", "name": "for a day"}).json()
    with ExitStack() as stack:
        here, there = (stack.enter_context(client(url, made["key"])) for url in two.urls)
        assert [by.get("/v1/cases").status_code for by in (there, here)] == [200, 200]

        assert two.root[0].delete(f"/v1/keys/{made['key_id']}").status_code in {200, 204}

        assert here.get("/v1/cases").status_code == 401
        assert soon(lambda: there.get("/v1/cases").status_code == 401) < SOON


SOON = 1.0
"""Seconds: far less than the two after which a process looks by itself."""


def soon(question: Callable[[], bool]) -> float:
    """After how many seconds it was true."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() < began + 10
        time.sleep(0.01)
    return time.monotonic() - began
